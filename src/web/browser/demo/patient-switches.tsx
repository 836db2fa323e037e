export interface PatientSwitchesProps {
  hasCramp: boolean;
  onCramp: (isOn: boolean) => void;
  sendsPrefetch: boolean;
  onSendsPrefetch: (isOn: boolean) => void;
}

/** What this demonstration does to the record, and how the service gets it. */
export function PatientSwitches({ hasCramp, onCramp, sendsPrefetch, onSendsPrefetch }: PatientSwitchesProps) {
  return (
    <div class="switches">
      <label>
        <input
          type="checkbox"
          checked={hasCramp}
          onChange={(event) => {
            onCramp(event.currentTarget.checked);
          }}
        />
        <span>Add a cramp to this record</span>
      </label>
      <label>
        <input
          type="checkbox"
          checked={!sendsPrefetch}
          onChange={(event) => {
            onSendsPrefetch(!event.currentTarget.checked);
          }}
        />
        <span>Send no prefetch: let the service fetch</span>
      </label>
      {hasCramp && <span class="chip added">Cramp added by this demo</span>}
    </div>
  );
}
