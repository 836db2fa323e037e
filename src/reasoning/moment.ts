/** The moment of an evaluation, and the one offset in which its days are counted and its times are shown. */
export interface Moment {
  now: Date;
  /** Minutes east of UTC. */
  offsetMinutes: number;
}

/**
 * For one time zone and many instants: learning a zone takes longer than a record takes to judge.
 *
 * @param timeZone an IANA name
 */
export function momentsIn(timeZone: string): (now: Date) => Moment {
  if (timeZone === 'UTC') return (now) => ({ now, offsetMinutes: 0 });
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'longOffset' });
  return (now) => ({ now, offsetMinutes: offsetAt(format, now) });
}

function offsetAt(format: Intl.DateTimeFormat, now: Date): number {
  const parts = format.formatToParts(now);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'; // GMT, GMT+05:30, GMT-03:00
  const [, sign, hours, minutes] = /^GMT([+-])(\d{2}):(\d{2})$/.exec(name) ?? [];
  const offset = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
  return sign === '-' ? -offset : offset;
}

/** `YYYY-MM-DD` in the moment's offset. */
export function dayOf({ now, offsetMinutes }: Moment): string {
  return new Date(now.getTime() + offsetMinutes * 60_000).toISOString().slice(0, 10);
}
