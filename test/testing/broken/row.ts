import type { MemoryStorage } from '../../../lib/storage/memory-storage.js';

/** What a storage does wrong, being right in all the rest, and how the promise begins that it breaks. */
export type Row = [fault: string, storage: new () => MemoryStorage, promise: string];
