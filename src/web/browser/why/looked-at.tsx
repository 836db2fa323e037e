/** The list, not a tick: what was there to be judged. */
export function LookedAt({ items }: { items: readonly string[] }) {
  return (
    <div class="looked-at">
      <h4>Looked at</h4>
      <ul>
        {items.map((item) => (
          <li>{item}</li>
        ))}
      </ul>
    </div>
  );
}
