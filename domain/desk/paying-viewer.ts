import type { Viewer } from '../viewer.js'

/** Who pays for a score, as the platform sees them. */
export const payingViewer = (userId: string): Viewer => ({
  ...{ userId, sessionId: userId },
  ...{ email: '', isAdmin: false },
})
