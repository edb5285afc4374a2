/** Zeroed memory that other threads see too; in a browser page that is not cross-origin isolated there is none, and no other does. */
export function sharedMemory(bytes: number): ArrayBufferLike {
  return isShareable ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
}

const isShareable = typeof SharedArrayBuffer !== 'undefined';

/** Whether memory is of the kind that `sharedMemory` makes: it can neither be transferred nor resized away. */
export function isSharedMemory(memory: ArrayBufferLike): boolean {
  return !isShareable || memory instanceof SharedArrayBuffer;
}
