import { retryAfter } from './backoff.js'
import { globals, platform } from './platform.js'

/** How a node answered an upgrade that it refused. Browsers do not tell; `openWith` does. */
export type Refusal = { status: number; retryAfterMs?: number | undefined }

/** The part of a WebSocket that the client uses; the platforms' own fit. */
export type SocketLike = {
  send(data: string): void
  close(code?: number, reason?: string): void
  onopen: ((e: unknown) => void) | null
  onmessage: ((e: { data: unknown }) => void) | null
  onclose: ((e: { code: number; reason: string; refused?: Refusal | undefined }) => void) | null
  onerror: ((e: unknown) => void) | null
  readonly readyState: number
}

/** Opens a socket. `headers` is empty when the credential travels as a ticket among `protocols`. */
export type Open = (url: string, protocols: string[], headers: Record<string, string>) => SocketLike

/** The platform's own WebSocket. Throws, with what to do, where that cannot work. @internal */
export function systemOpen(needsHeaders: boolean): Open {
  const System = globals.WebSocket
  if (!System) throw new Error('There is no WebSocket here (Node before 22): give `open`, for example openWith(WebSocket) with the one of the package ws.')
  const where = platform()
  if (needsHeaders && where === 'browser') throw new Error('A browser cannot send headers with a WebSocket: give `ticket`.')
  return (url, protocols, headers) => {
    const bare = Object.keys(headers).length === 0
    if (bare) return new System(url, protocols) as SocketLike
    if (where === 'react-native') return new System(url, protocols, { headers }) as SocketLike
    return new System(url, { protocols, headers }) as SocketLike // Node's (undici) takes headers in this form only
  }
}

type WsSocket = {
  send(data: string): void
  close(code?: number, reason?: string): void
  terminate(): void
  readonly readyState: number
  on(event: string, fn: (...args: never[]) => void): unknown
}

/**
 * `open` by the class `WebSocket` of the npm package `ws`, for Node before 22 and for servers: it also tells how an upgrade
 * was refused, so that `Retry-After` is honoured.
 */
export function openWith(WebSocket: new (url: string, protocols: string[], options: { headers: Record<string, string> }) => WsSocket): Open {
  return (url, protocols, headers) => {
    const ws = new WebSocket(url, protocols, { headers })
    let refused: Refusal | undefined
    const socket: SocketLike = {
      send: (data) => ws.send(data),
      close: (code, reason) => ws.close(code, reason),
      get readyState() {
        return ws.readyState
      },
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
    }
    ws.on('unexpected-response', (_: unknown, response: { statusCode?: number; headers: Record<string, string | string[] | undefined> }) => {
      const header = response.headers['retry-after']
      refused = { status: response.statusCode ?? 0, retryAfterMs: retryAfter(String(header ?? ''), Date.now()) }
      ws.terminate()
    })
    ws.on('open', (e: unknown) => socket.onopen?.(e))
    ws.on('message', (data: unknown) => socket.onmessage?.({ data }))
    ws.on('close', (code: number, reason: unknown) => socket.onclose?.({ code, reason: String(reason), refused }))
    ws.on('error', (e: unknown) => socket.onerror?.(e)) // without a listener ws would end the process
    return socket
  }
}
