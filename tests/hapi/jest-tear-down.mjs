/** Jest wants a default export. */
export default async function tearDown() {
  await globalThis.hapi?.stop();
}
