// Waits for a condition, not for a time.
import assert from 'node:assert/strict';

const patience = 20_000;
const pause = () => new Promise((resolve) => setTimeout(resolve, 25));

/** Answers the first true value of a condition, or fails with what it waited for. */
export async function until(condition, what) {
  const end = Date.now() + patience;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await pause();
  }
}

/** Reads until the reading is what is expected, or fails with the last reading. */
export async function shows(read, expected) {
  const end = Date.now() + patience;
  for (;;) {
    try {
      assert.deepEqual(await read(), expected);
      return;
    } catch (failure) {
      if (!(failure instanceof assert.AssertionError) || Date.now() > end) throw failure;
    }
    await pause();
  }
}
