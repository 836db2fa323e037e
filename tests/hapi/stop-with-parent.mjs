/** Ends this process as SIGTERM would when the one that started it is gone: npm and shells do not always pass signals on. */
const parent = process.ppid;
const LOOK_EVERY_MS = 500;

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
}, LOOK_EVERY_MS).unref();
