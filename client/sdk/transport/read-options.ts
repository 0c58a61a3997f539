/** How a call may be stopped. */
export interface ReadOptions {
  signal?: AbortSignal | undefined
}

/** The server takes a caller whose token has expired for one who is signed out. */
export const isViewerless = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && 'viewer' in data && data.viewer === null
