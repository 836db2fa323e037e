import type { PageSettings } from '../page-settings.js';

export interface TopBarProps {
  settings: PageSettings;
  samples: string;
  server: string;
  patient: string | undefined;
  onServer: (url: string) => void;
  onPatient: (id: string | undefined) => void;
}

export function TopBar({ settings, samples, server, patient, onServer, onPatient }: TopBarProps) {
  const patients = server === samples ? (settings.demo?.patients ?? []) : [];
  const isKnown = server === samples || settings.servers.includes(server);
  return (
    <header class="top">
      <div class="top-bar">
        <p class="brand">
          <Mark /> {settings.name} <span class="tag">demo EHR</span>
        </p>
        <div class="choices">
          <label>
            <span>Server</span>
            <select
              value={server}
              onChange={(event) => {
                onServer(event.currentTarget.value);
              }}
            >
              <option value={samples}>sample patients</option>
              {settings.servers.map((url) => (
                <option value={url}>{url}</option>
              ))}
              {!isKnown && <option value={server}>{server} (not on the list)</option>}
            </select>
          </label>
          {patients.length > 0 && patient !== undefined && (
            <label>
              <span>Patient</span>
              <select
                value={patient}
                onChange={(event) => {
                  onPatient(event.currentTarget.value);
                }}
              >
                {patients.map(({ id, name, title }) => (
                  <option value={id}>
                    {name === '' ? id : name}: {title}
                  </option>
                ))}
              </select>
            </label>
          )}
          {patient !== undefined && (
            <button
              type="button"
              class="quiet"
              onClick={() => {
                onPatient(undefined);
              }}
            >
              All patients
            </button>
          )}
          <nav aria-label="More">
            <a href="handouts/">Handouts</a>
            <a href="cds-services">Discovery</a>
          </nav>
        </div>
      </div>
      <p class="disclaimer">
        <b>Demonstration, not for care.</b> Clinical knowledge {settings.knowledge}: not validated, points and limits
        await a nephrologist.
      </p>
    </header>
  );
}

/** A muscle fibre that is drawn tight. */
function Mark() {
  return (
    <svg viewBox="0 0 28 20" width="28" height="20" aria-hidden="true" class="brand-mark">
      <path d="M1 10 C7 1 10 1 14 10 S21 19 27 10" />
      <path d="M1 10 C7 5 10 5 14 10 S21 15 27 10" />
      <circle cx="14" cy="10" r="2.4" />
    </svg>
  );
}
