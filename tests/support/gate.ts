/** A promise that the test settles. */
export function gate(): { opened: Promise<void>; pass: () => void } {
  let pass = () => {};
  const opened = new Promise<void>((resolve) => {
    pass = resolve;
  });
  return { opened, pass };
}
