import { spawn } from 'node:child_process'
import { createServer } from 'node:net'

export type MediaServer = { url: string; id: string; key: string; end: () => void }

const free = () =>
  new Promise<number>((done, failed) => {
    const s = createServer().once('error', failed)
    s.listen(0, '127.0.0.1', () => {
      const at = s.address()
      s.close(() => (at !== null && typeof at === 'object' ? done(at.port) : failed(new Error('e2e: no port'))))
    })
  })

/** A real livekit-server of its own on loopback, with a key that nobody else has. */
export async function startLiveKit(bin: string): Promise<MediaServer> {
  const [port, tcp, udp] = [await free(), await free(), await free()]
  const [id, key] = ['e2e', crypto.randomUUID() + crypto.randomUUID()]
  const config = `{port: ${port}, bind_addresses: [127.0.0.1], rtc: {tcp_port: ${tcp}, udp_port: ${udp}, use_external_ip: false, node_ip: 127.0.0.1}, keys: {${id}: ${key}}, logging: {level: error}}`
  const child = spawn(bin, ['--config-body', config], { stdio: ['ignore', 'inherit', 'inherit'] })
  const died = new Promise<never>((_, failed) => child.once('exit', (code) => failed(new Error(`e2e: livekit-server ended with ${code}`))).once('error', failed))
  died.catch(() => undefined) // heard below, or it is us who end it
  for (let tries = 0; ; tries++) {
    const answer = await Promise.race([fetch(`http://127.0.0.1:${port}/`).catch(() => null), died])
    if (answer) break
    if (tries === 300) throw new Error('e2e: livekit-server does not answer')
    await new Promise((later) => setTimeout(later, 100))
  }
  return { url: `ws://127.0.0.1:${port}`, id, key, end: () => child.kill('SIGKILL') }
}
