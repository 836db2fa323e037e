/** Loaded into the service by `soak.mjs`: collects garbage when asked, and says what is left. */
process.on('message', () => {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  process.send({ heap: heapUsed / 1e6, resident: rss / 1e6, handles: process.getActiveResourcesInfo().length });
});
process.channel.unref();
