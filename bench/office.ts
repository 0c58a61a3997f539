/** An admin who calls a server's API by HTTP, and hears of a run by server-sent events. */
export class Office {
  private constructor(
    readonly url: string,
    readonly accessToken: string,
  ) {}

  static async enter(url: string, admin: { email: string; password: string }): Promise<Office> {
    const entrance = new Office(url, '')
    const { accessToken } = await entrance.field<{ accessToken: string }>(
      `mutation ($email: String!, $password: String!) {
        logIn(email: $email, password: $password) { ... on SessionPayload { accessToken } } }`,
      admin,
    )
    return new Office(url, accessToken)
  }

  /** Asks for one field, which must not fail. */
  async field<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const response = await this.#post(query, variables, 'application/json')
    return onlyField((await response.json()) as Answer<T>)
  }

  /** The events of one field. */
  async *events<T>(query: string, variables: Record<string, unknown>): AsyncGenerator<T> {
    const { body } = await this.#post(query, variables, 'text/event-stream')
    let text = ''
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = `${text}${chunk}`.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = /^data: (.+)$/m.exec(block)?.[1]
        if (data) yield onlyField(JSON.parse(data) as Answer<T>)
      }
    }
  }

  #post(query: string, variables: Record<string, unknown>, accept: string): Promise<Response> {
    const headers = { 'content-type': 'application/json', accept }
    const { accessToken } = this
    return fetch(this.url, {
      method: 'POST',
      headers: accessToken ? { ...headers, authorization: `Bearer ${accessToken}` } : headers,
      body: JSON.stringify({ query, variables }),
    })
  }
}

interface Answer<T> {
  data?: Record<string, T> | null
  errors?: { message: string }[]
}

function onlyField<T>({ data, errors }: Answer<T>): T {
  const [field] = Object.values(data ?? {})
  if (errors || field === undefined) throw new Error(errors?.[0]?.message ?? 'there is no answer')
  return field
}
