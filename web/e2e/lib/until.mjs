// Waits for a condition, not for a time: answers its first true value, or fails with what it waited for.
const patience = 20_000;

export async function until(condition, what) {
  const end = Date.now() + patience;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
