/** The same address without slashes at its end: with one and without it means the same server. Linear, however many there are. */
export function withoutTrailingSlashes(address: string): string {
  return address.replace(/(?<!\/)\/+$/, '');
}
