import { accessible, Api, expect, findRide, person, test, type Booking as Held } from './world'
import type { Page } from '@playwright/test'

type Booking = Held & { fare?: { amount: number }; subsidy?: { amount: number } }

const card = async (page: Page, number: string) => {
  await page.getByLabel('Card number').fill(number)
  await page.getByLabel('Expiry (MM/YY)').fill('12/34')
  await page.getByLabel('Security code').fill('123')
}

async function held(api: Api): Promise<Booking> {
  const ride = await findRide(api)
  const offer = ride.offers.find((o) => Date.parse(o.from.at) > Date.now() + 2 * 3_600_000) ?? ride.offers.at(-1)! // so that everything comes back
  return api.post<Booking>('/v1/bookings', { trip: offer.trip, from: ride.from, to: ride.to, party: 1 })
}

test('a rider pays with a card that the bank wants to see, and the seat is confirmed without reload', async ({ browser }) => {
  const api = await Api.as('rider')
  const b = await held(api)
  const page = await person(browser, 'rider', { phone: true })
  await page.goto(`/bookings/${b.id}`)
  await page.getByRole('radio', { name: /^Card/ }).check()
  await page.getByRole('button', { name: /^Pay / }).click()
  await card(page, '4000 0000 0000 3220')
  await accessible(page, 'the card form')
  await page.getByRole('button', { name: /^Pay / }).click()
  const bank = page.frameLocator('dialog iframe')
  await bank.getByRole('button', { name: 'Confirm', exact: true }).click()
  // The webhook confirms it; the booking's channel brings it here.
  await expect(page.locator('[data-state="confirmed"]')).toBeVisible()
  await expect(page.getByTestId('qr')).toBeVisible()
  await expect(page.getByText('By card')).toBeVisible()
  // Given up in time, everything comes back.
  await page.getByRole('button', { name: 'Cancel this booking' }).click()
  await page.getByRole('button', { name: 'Cancel the booking' }).click()
  await expect(page.locator('[data-state="cancelled"]')).toBeVisible()
  await page.goto('/wallet')
  await expect(page.getByText(/given back|on its way back/).first()).toBeVisible()
  await page.context().close()
})

test('a declined card leaves the seat as it was and says why', async ({ browser }) => {
  const api = await Api.as('rider')
  const b = await held(api)
  const page = await person(browser, 'rider', { phone: true })
  await page.goto(`/bookings/${b.id}`)
  await page.getByRole('radio', { name: /^Card/ }).check()
  await page.getByRole('button', { name: /^Pay / }).click()
  await card(page, '4000 0000 0000 9995')
  await page.getByRole('button', { name: /^Pay / }).click()
  await expect(page.getByRole('alert')).toContainText('There is not enough money on this card')
  await expect(page.locator('[data-state="held"]')).toBeVisible()
  await page.getByRole('button', { name: 'Let the seat go' }).click()
  await expect(page.locator('[data-state="cancelled"]')).toBeVisible()
  // Nobody can pay for it any more.
  await expect.poll(async () => (await api.get<{ status: string }>(`/v1/bookings/${b.id}/payment`)).status).toBe('cancelled')
  await page.context().close()
})

test('a wallet is topped up by card and pays a seat at once', async ({ browser }) => {
  const api = await Api.as('rider')
  const page = await person(browser, 'rider', { phone: true, lang: 'en' })
  // One that was begun and left stands in the way of the next until it is called off.
  await api.post('/v1/me/wallet/top-ups', { amount: { amount: 7700, currency: 'MAD' } }).catch((e: unknown) => expect(String(e)).toContain('payment_at_work'))
  await page.goto('/wallet')
  await expect(page.getByTestId('balance')).toBeVisible()
  await page.getByRole('button', { name: 'Go on with it' }).click()
  await expect(page.getByLabel('Card number')).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Call it off' }).click()
  await expect(page.getByRole('button', { name: 'Call it off' })).toBeHidden()
  const before = (await api.get<{ available: { amount: number } }>('/v1/me/wallet')).available.amount
  await page.getByRole('button', { name: 'Top up' }).click()
  await page.getByLabel(/^Amount in/).fill('100')
  await page.getByRole('button', { name: 'Go on to the card' }).click()
  await card(page, '4242 4242 4242 4242')
  await page.getByRole('button', { name: /^Pay / }).click()
  await expect(page.getByText('Topped up by card').first()).toBeVisible()
  const after = (await api.get<{ available: { amount: number } }>('/v1/me/wallet')).available.amount
  expect(after).toBe(before + 10_000)
  await accessible(page, 'the wallet')
  const b = await held(api)
  await page.goto(`/bookings/${b.id}`)
  await page.getByRole('radio', { name: /^Wallet/ }).check()
  await page.getByRole('button', { name: /^Pay / }).click()
  await expect(page.locator('[data-state="confirmed"]')).toBeVisible()
  expect((await api.get<{ available: { amount: number } }>('/v1/me/wallet')).available.amount).toBe(after - (b.fare?.amount ?? 0) + (b.subsidy?.amount ?? 0))
  await page.context().close()
})

test('a card is saved with the bank’s yes, pays a seat and a pass with one tap, and is removed', async ({ browser }) => {
  const [admin, api] = [await Api.as('admin'), await Api.as('rider')]
  const name = `Carnet ${Date.now()}`
  await admin.post('/v1/pass-products', { name, rides: 10, days: 30, price: 10_000, refund_days: 14 })
  const page = await person(browser, 'rider', { phone: true })
  await page.goto('/wallet')
  await page.getByRole('link', { name: /^My cards/ }).click()
  await page.getByRole('button', { name: 'Add a card' }).click()
  await card(page, '4000 0025 0000 3155') // asks at the setup, and never again
  await page.getByRole('button', { name: 'Save this card' }).click()
  await page.frameLocator('dialog iframe').getByRole('button', { name: 'Confirm', exact: true }).click()
  await expect(page.getByText('Visa •••• 3155')).toBeVisible()
  await expect(page.getByText('First choice')).toBeVisible()
  await accessible(page, 'the saved cards')
  const b = await held(api)
  await page.goto(`/bookings/${b.id}`)
  await page.getByRole('radio', { name: /^Card/ }).check()
  await expect(page.getByRole('radio', { name: /3155/ })).toBeChecked()
  await page.getByRole('button', { name: /^Pay / }).click()
  await expect(page.locator('[data-state="confirmed"]')).toBeVisible()
  await page.goto('/passes')
  await page.getByRole('button', { name: `Buy ${name}` }).click()
  await page.getByRole('radio', { name: 'Card', exact: true }).check()
  await page.getByRole('button', { name: /^Pay / }).click()
  await expect(page.getByTestId('left')).toHaveText('Rides left: 10')
  await page.goto('/wallet/cards')
  await page.getByRole('button', { name: /^Remove Visa •••• 3155/ }).click()
  await page.getByRole('button', { name: 'Remove', exact: true }).last().click()
  await expect(page.getByText('No saved card yet')).toBeVisible()
  await page.context().close()
})

test('a pass is paid by a card that is typed; the card is not kept unless its owner says so', async ({ browser }) => {
  const [admin, api] = [await Api.as('admin'), await Api.as('rider')]
  const name = `Pass ${Date.now()}`
  await admin.post('/v1/pass-products', { name, days: 7, price: 9_000 })
  const page = await person(browser, 'rider', { phone: true })
  for (const [number, keep, cards] of [['4000 0000 0000 3220', false, 0], ['4242 4242 4242 4242', true, 1]] as const) {
    await page.goto('/passes')
    await page.getByRole('button', { name: `Buy ${name}` }).click()
    await page.getByRole('radio', { name: 'Card', exact: true }).check()
    if (keep) await page.getByRole('checkbox').check()
    await page.getByRole('button', { name: /^Pay / }).click()
    await card(page, number)
    await page.getByRole('button', { name: /^Pay / }).click()
    if (!keep) await page.frameLocator('dialog iframe').getByRole('button', { name: 'Confirm', exact: true }).click()
    await page.waitForURL(/\/passes\/[0-9a-f-]{36}/) // the buy sheet has the pass's name too: only its own page says that it is paid
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
    await expect(page.getByText('Good', { exact: true })).toHaveCount(1) // its own chip, once the list is gone
    await expect.poll(async () => (await api.get<{ items: { id: string }[] }>('/v1/me/methods')).items.length).toBe(cards)
  }
  const { items } = await api.get<{ items: { id: string }[] }>('/v1/me/methods')
  for (const m of items) await api.post(`/v1/me/methods/${m.id}/remove`)
  await page.context().close()
})
