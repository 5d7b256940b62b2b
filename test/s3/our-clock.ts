/** Does something by a clock of ours that goes ahead by so many milliseconds, or after. */
export async function withClock<T>(ahead: number, action: () => Promise<T>): Promise<T> {
  const { now } = Date;
  Date.now = () => now() + ahead;
  try {
    return await action();
  } finally {
    Date.now = now;
  }
}
