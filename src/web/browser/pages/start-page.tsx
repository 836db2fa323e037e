import { type ComponentChild, render } from 'preact';

/** Shows the page in place of "Starting …", or says that it could not be started. */
export function startPage(start: (show: (page: ComponentChild) => void) => Promise<void>): void {
  const root = document.getElementById('page');
  if (root === null) return;
  const show = (page: ComponentChild): void => {
    root.replaceChildren();
    render(page, root);
  };
  start(show).catch((error: unknown) => {
    show(<StartProblem error={error} />);
  });
}

function StartProblem({ error }: { error: unknown }) {
  return (
    <main id="main" class="start-problem">
      <h1>The page could not be started</h1>
      <p>{error instanceof Error && error.message !== '' ? error.message : 'The service did not answer.'}</p>
      <button
        type="button"
        class="primary"
        onClick={() => {
          location.reload();
        }}
      >
        Try again
      </button>
    </main>
  );
}
