import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Api, expect, test, world } from './world'

type Stack = { dir: string; nodes: string[]; acquirer: { url: string; api: string; client: string; store_key: string; user: string; password: string } }

// An operator whose acquirer keeps the card's page to itself, opened by hand as docs/deployment.md says: the payer is sent there, types
// the card on the acquirer's own page, comes back, and the wallet that is open elsewhere hears of it.
test('a wallet is topped up on an acquirer’s own page, and back', async ({ browser }) => {
  const s = world() as unknown as Stack
  const env = { ...process.env }
  for (const [, name, value] of readFileSync(resolve(s.dir, 'env'), 'utf8').matchAll(/^export (\w+)='(.*)'$/gm)) env[name ?? ''] = value
  const bin = process.env.WAYMEET_BIN ?? resolve(import.meta.dirname, '../../../bin/waymeet')
  const waymeet = (line: string[], input = '') => execFileSync(bin, line, { env, input, stdio: ['pipe', 'pipe', 'pipe'] }).toString()
  const password = 'hosted page 2026'
  waymeet(['tenant', 'create', '--slug', 'maroc', '--name', 'Maroc Navettes', '--time-zone', 'Africa/Casablanca', '--currency', 'MAD', '--locale', 'en'])
  waymeet(['user', 'create', '--tenant', 'maroc', '--email', 'rider@maroc.example', '--name', 'Rider of Maroc', '--role', 'rider', '--password-stdin'], `${password}\n`)
  const a = s.acquirer
  waymeet(
    ['gateway', 'add', '--tenant', 'maroc', '--kind', 'redirect', '--merchant', 'Maroc Navettes'],
    `secret_key=${a.password}\nwebhook_secret=${a.store_key}\noption.url=${a.url}\noption.api=${a.api}\noption.client=${a.client}\noption.user=${a.user}\n`,
  )
  const api = await Api.signedIn({ tenant: 'maroc', email: 'rider@maroc.example', password })
  const open = async (phone: boolean) => {
    const context = await browser.newContext({ baseURL: s.nodes[0], ...(phone ? { viewport: { width: 390, height: 844 } } : {}) })
    await context.addInitScript(() => localStorage.setItem('waymeet.locale', 'en'))
    const page = await context.newPage()
    await page.goto('/')
    const inputs = page.locator('form input')
    await inputs.nth(0).fill('maroc')
    await inputs.nth(1).fill('rider@maroc.example')
    await inputs.nth(2).fill(password)
    await page.locator('form button[type=submit]').click()
    await expect(page.locator('header')).toBeVisible()
    await page.goto('/wallet')
    await expect(page.getByTestId('balance')).toBeVisible()
    return page
  }
  const [page, elsewhere] = [await open(true), await open(false)]
  await page.getByRole('button', { name: 'Top up' }).click()
  await page.getByLabel(/^Amount in/).fill('100')
  await page.getByRole('button', { name: /^Go on/ }).click()
  const go = page.getByRole('button', { name: /acquirer|bank|page|pay/i }).last()
  await go.click()
  await page.waitForURL(/\/fim\/est3Dgate/)
  await page.locator('input[name="pan"]').fill('4242 4242 4242 4242')
  await page.getByRole('button', { name: 'Pay' }).click()
  await page.getByRole('button', { name: 'Back to the shop' }).click()
  await page.waitForURL(`${s.nodes[0]}/wallet`)
  await expect(page.getByTestId('balance')).toContainText('100')
  await expect(page.getByText('Topped up by card').first()).toBeVisible()
  await expect(elsewhere.getByTestId('balance')).toContainText('100') // without a reload
  expect((await api.get<{ available: { amount: number } }>('/v1/me/wallet')).available.amount).toBe(10_000)
  await page.context().close()
  await elsewhere.context().close()
})
