const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const TIME = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)';

/** RFC 9110 section 5.6.7: the form that is sent, and two that only old clients send. */
const FORMS = [
  `^\\w{3}, (?<day>\\d\\d) (?<month>\\w{3}) (?<year>\\d{4}) ${TIME} GMT$`,
  `^\\w{6,9}, (?<day>\\d\\d)-(?<month>\\w{3})-(?<year>\\d\\d) ${TIME} GMT$`,
  `^\\w{3} (?<month>\\w{3}) (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})$`,
].map((form) => new RegExp(form));

/** Milliseconds, of a date in any of the three forms; anything else is no date. */
export function parseHttpDate(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  for (const form of FORMS) {
    const parts = form.exec(value)?.groups;
    if (parts) return timeOf(parts, now);
  }
  return undefined;
}

/** HTTP dates have no fractions. */
export function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}

function timeOf(
  { year = '', month = '', day, hour, minute, second }: Partial<Record<string, string>>,
  now: number,
): number | undefined {
  const monthIndex = MONTHS.indexOf(month);
  const midnight = Date.UTC(fullYear(year, now), monthIndex, Number(day));
  const isReal =
    monthIndex >= 0 &&
    new Date(midnight).getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) <= 60; // a leap second
  return isReal
    ? midnight + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000
    : undefined;
}

/** Two digits that would lie more than 50 years ahead mean the past. */
function fullYear(digits: string, now: number): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  const thisYear = new Date(now).getUTCFullYear();
  const inThisCentury = thisYear - (thisYear % 100) + year;
  return inThisCentury > thisYear + 50 ? inThisCentury - 100 : inThisCentury;
}
