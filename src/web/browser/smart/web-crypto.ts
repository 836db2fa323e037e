/** What fhirclient falls back to where a browser has no Web Crypto: none of those we serve. */
export const webCrypto = globalThis.crypto;
