/** Who is calling: an account through one of its sessions. */
export interface Viewer {
  readonly userId: string
  readonly sessionId: string
  readonly email: string
  readonly isAdmin: boolean
}
