import { accessible, accessibleEverywhere, Api, boardRow, expect, findRide, person, test, words, world, type Booking, type Page } from './world'

const x = async (page: Page, selector: string) => (await page.locator(selector).first().boundingBox())!.x

test('Arabic stands from right to left', async ({ browser }) => {
  const left = await person(browser, 'dispatcher', { lang: 'fr' })
  await left.getByRole('button', { name: 'Jour suivant' }).click()
  await expect(left.getByTestId('board')).toBeVisible()
  expect(await left.locator('html').getAttribute('dir')).toBe('ltr')
  const right = await person(browser, 'dispatcher', { lang: 'ar' })
  await right.getByRole('button', { name: 'اليوم التالي' }).click()
  await expect(right.getByTestId('board')).toBeVisible()
  expect(await right.locator('html').getAttribute('dir')).toBe('rtl')
  expect(await right.locator('html').getAttribute('lang')).toBe('ar')
  // Board before map in reading order: the map is at the right in French and at the left in Arabic.
  expect(await x(left, 'aside')).toBeGreaterThan(await x(left, '[data-testid=board]'))
  expect(await x(right, 'aside')).toBeLessThan(await x(right, '[data-testid=board]'))
  // The mirror is exact: the header's first thing is as far from its edge.
  const logoLeft = (await left.locator('header a').first().boundingBox())!
  const logoRight = (await right.locator('header a').first().boundingBox())!
  expect(Math.abs(logoLeft.x - (1440 - logoRight.x - logoRight.width))).toBeLessThanOrEqual(1)
  for (const page of [left, right]) {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(wide, 'nothing sticks out').toBeLessThanOrEqual(0)
    await page.context().close()
  }
})

for (const [lang, theme] of [['en', 'light'], ['ar', 'dark']] as const) {
  test(`axe finds nothing serious, ${lang}, ${theme}`, async ({ browser }) => {
    test.setTimeout(400_000)
    const say = words(lang)
    const outside = await browser.newContext({ colorScheme: theme })
    const open = await outside.newPage()
    await open.addInitScript(([l, t]) => (localStorage.setItem('waymeet.locale', l), localStorage.setItem('waymeet.theme', t)), [lang, theme] as const)
    await open.goto(world().nodes[0] ?? '')
    await expect(open.locator('form')).toBeVisible()
    await accessible(open, 'sign-in')
    await open.goto(`${world().nodes[0]}/docs`)
    await open.setViewportSize({ width: theme === 'light' ? 1440 : 390, height: 844 }) // a long page, the same at both
    await accessible(open, 'docs')
    await open.setViewportSize({ width: 390, height: 844 })
    expect(await open.evaluate(() => document.documentElement.scrollWidth), 'docs fit a phone').toBeLessThanOrEqual(390)
    await outside.close()

    const api = await Api.as('rider')
    const ride = await findRide(api)
    const offer = ride.offers[0]!
    const held = await api.post<Booking>('/v1/bookings', { trip: offer.trip, from: ride.from, to: ride.to, party: 1 })
    const rider = await person(browser, 'rider', { theme, lang })
    await expect(rider.locator('main h1')).toBeVisible()
    await accessible(rider, 'search')
    await rider.goto(`/?from=${ride.from}&to=${ride.to}&date=${ride.date}&party=1`)
    await expect(rider.locator('article[data-trip]').first()).toBeVisible()
    await accessibleEverywhere(rider, 'trips')
    await rider.locator(`article[data-trip="${offer.trip}"]`).getByRole('button').click()
    await expect(rider.getByRole('dialog')).toBeVisible()
    await accessibleEverywhere(rider, 'hold')
    await rider.goto(`/bookings/${held.id}`)
    await expect(rider.getByTestId('countdown')).toBeVisible()
    await accessible(rider, 'held')
    await api.post(`/v1/bookings/${held.id}/confirm`, { pay: 'cash' })
    await expect(rider.getByTestId('qr')).toBeVisible()
    await accessibleEverywhere(rider, 'ticket')
    await rider.goto('/bookings')
    await expect(rider.locator('main a').first()).toBeVisible()
    await accessible(rider, 'my bookings')
    await rider.context().close()

    const dispatcher = await person(browser, 'dispatcher', { theme, lang })
    await expect(dispatcher.getByRole('heading', { level: 1, name: say.nav.board })).toBeVisible()
    await dispatcher.getByRole('button', { name: say.board.dayAfter }).click()
    await dispatcher.getByRole('combobox', { name: say.board.line }).selectOption(offer.line) // fewer rows to read, of the same kind
    await expect(dispatcher.locator('[data-trip]').first()).toBeVisible()
    await accessibleEverywhere(dispatcher, 'board')
    await dispatcher.locator('[data-trip]').first().click()
    await expect(dispatcher.getByTestId('panel').first()).toContainText(say.manifest.title)
    await accessibleEverywhere(dispatcher, 'panel')
    await dispatcher.context().close()

    const driver = await person(browser, 'driver', { theme, lang })
    await expect(driver.getByRole('heading', { name: say.drive.title })).toBeVisible()
    await accessible(driver, 'driver’s lines')
    await driver.locator('main li button').first().click()
    await expect(driver.getByTestId('trips')).toBeVisible()
    await accessibleEverywhere(driver, 'driver’s day')
    await driver.goto(`/drive/${offer.line}/${offer.trip}`)
    await expect(driver.getByTestId('manifest')).toBeVisible()
    await accessibleEverywhere(driver, 'driver’s trip')
    await driver.context().close()

    const admin = await person(browser, 'admin', { theme, lang })
    await admin.goto('/admin')
    await expect(admin.locator('main li').first()).toBeVisible()
    await accessibleEverywhere(admin, 'users')
    await admin.context().close()
  })
}

test('who may not see a screen is told that nothing is there, not that an empty board is live', async ({ browser }) => {
  const rider = await person(browser, 'rider')
  for (const path of ['/board', '/drive', '/admin', '/nowhere/x']) {
    await rider.goto(path)
    await expect(rider.getByText('There is nothing here')).toBeVisible()
    await expect(rider.getByText('Live', { exact: true })).toBeHidden()
  }
  await rider.context().close()
})

test('the board works by keyboard alone', async ({ browser }) => {
  const page = await person(browser, 'dispatcher')
  await expect(page.getByTestId('link')).toHaveAttribute('data-state', 'current')
  await page.getByRole('button', { name: 'Next day' }).click()
  await expect(page.locator('[data-trip]').first()).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  const first = page.locator('[data-trip]').first()
  await expect(first).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('ArrowDown')
  await expect(page.locator('[data-trip]').nth(1)).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Enter')
  const panel = page.getByTestId('panel').first()
  await expect(panel).toBeVisible()
  await expect(panel.getByRole('heading', { level: 2 })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(panel).toBeHidden()
  await page.keyboard.press('/')
  await expect(page.getByRole('searchbox')).toBeFocused()
  await page.keyboard.type('nothing has this name')
  await expect(page.getByText('No trip matches the filter')).toBeVisible()
  await page.getByRole('button', { name: 'Clear the filter' }).click()
  await expect(page.locator('[data-trip]').first()).toBeVisible()
  await page.context().close()
})

test('a dispatcher delays a trip and shrinks its vehicle; overload is shown', async ({ browser }) => {
  const api = await Api.as('rider')
  const ride = await findRide(api)
  const offer = ride.offers[2]!
  const held = await api.post<Booking>('/v1/bookings', { trip: offer.trip, from: ride.from, to: ride.to, party: 3 })
  await api.post(`/v1/bookings/${held.id}/confirm`, { pay: 'cash' })
  const page = await person(browser, 'dispatcher')
  const row = await boardRow(page, api.today, offer)
  await expect(row).toContainText(offer.headsign) // which way it runs
  await row.click()
  const panel = page.getByTestId('panel').first()
  await expect(panel.getByRole('heading', { level: 2 })).toContainText(offer.headsign)
  await panel.getByRole('button', { name: '5 minutes more' }).click()
  await expect(row).toContainText('+5′')
  await panel.getByRole('spinbutton', { name: 'Seats of the vehicle' }).fill('1')
  await panel.getByRole('button', { name: 'Apply' }).click()
  await expect(row.getByTestId('load')).toHaveClass(/text-bad/)
  await expect(panel.getByTestId('manifest')).toContainText(/[0-9A-Z]{6}/)
  await api.post(`/v1/bookings/${held.id}/cancel`)
  await page.context().close()
})
