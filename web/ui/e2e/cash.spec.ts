import { accessible, Api, expect, login, person, test, words } from './world'

const shots = process.env.WAYMEET_SHOTS

// An agent takes a rider's cash on a phone; the rider buys a pass with it; the agent closes the shift, finance finds the cash.
test('cash becomes a pass, and arrives in the safe', async ({ browser }) => {
  test.setTimeout(180_000)
  const say = words('en')
  const admin = await Api.as('admin')
  const name = `Carnet ${Date.now()}`
  await admin.post('/v1/pass-products', { name, rides: 3, days: 30, price: 4000, refund_days: 14 })

  const agent = await person(browser, 'agent', { lang: 'en', phone: true })
  await agent.goto('/cash')
  await agent.getByRole('searchbox').fill(login('rider').email.slice(0, 9))
  await agent.getByRole('button', { name: /Salma/ }).click()
  const sheet = agent.getByRole('dialog')
  await sheet.getByRole('textbox').fill('50,5')
  await sheet.getByRole('button', { name: say.cash.check }).click()
  await expect(sheet.getByText(/is the cash in your hand/)).toBeVisible()
  await accessible(agent, 'cash, sure')
  if (shots) await agent.screenshot({ path: `${shots}/cash-sure.png` })
  await sheet.getByRole('button', { name: /50\.50/ }).click()
  await expect(sheet.getByText(say.cash.receipt)).toBeVisible()
  await sheet.getByRole('button', { name: say.cash.next }).click()
  await expect(agent.getByTestId('held')).toContainText('50.50')
  await accessible(agent, 'cash')
  if (shots) await agent.screenshot({ path: `${shots}/cash.png`, fullPage: true })

  const rider = await person(browser, 'rider', { lang: 'en', phone: true })
  await rider.goto('/passes')
  await rider.getByRole('button', { name: say.passes.buyOf.replace('{{name}}', name) }).click()
  await rider.getByRole('dialog').getByRole('button').last().click()
  await expect(rider.getByTestId('left')).toContainText('3')
  await accessible(rider, 'pass')
  if (shots) await rider.screenshot({ path: `${shots}/pass.png`, fullPage: true })
  await rider.goto('/passes')
  await expect(rider.getByRole('link', { name: new RegExp(name) })).toBeVisible()
  await accessible(rider, 'passes')
  if (shots) await rider.screenshot({ path: `${shots}/passes.png`, fullPage: true })

  await agent.getByRole('button', { name: say.cash.close }).click()
  const boxes = agent.getByRole('dialog').getByRole('textbox')
  await boxes.nth(0).fill('50')
  await boxes.nth(1).fill('50')
  await expect(agent.getByRole('dialog').getByText(/is missing/)).toBeVisible()
  await accessible(agent, 'closing')
  if (shots) await agent.screenshot({ path: `${shots}/cash-close.png` })
  await agent.getByRole('dialog').getByRole('button', { name: say.cash.close }).click()
  await expect(agent.getByRole('dialog')).toBeHidden()
  await expect(agent.getByTestId('held')).not.toContainText('50')

  const finance = await person(browser, 'finance', { lang: 'en' })
  await finance.goto('/finance/shifts')
  await finance.getByRole('button', { name: say.cash.arrived }).first().click()
  await finance.getByRole('dialog').getByRole('textbox').fill('50')
  await accessible(finance, 'confirming')
  if (shots) await finance.screenshot({ path: `${shots}/shifts-confirm.png` })
  await finance.getByRole('dialog').getByRole('button', { name: say.cash.arrived }).click()
  await expect(finance.getByRole('dialog')).toBeHidden()
  await finance.getByRole('combobox').selectOption('confirmed')
  await expect(finance.getByText('Hicham Alaoui').first()).toBeVisible()
  await accessible(finance, 'shifts')
  if (shots) await finance.screenshot({ path: `${shots}/shifts.png` })

  if (shots) {
    for (const [role, lang, theme, path, phone] of [['agent', 'ar', 'dark', '/cash', true], ['rider', 'ar', 'dark', '/passes', true], ['rider', 'fr', 'light', '/passes', false], ['finance', 'fr', 'dark', '/finance/shifts', false], ['admin', 'fr', 'light', '/admin', false], ['finance', 'ar', 'light', '/finance/shifts', true]] as const) {
      const p = await person(browser, role, { lang, theme, phone })
      await p.goto(path)
      await p.waitForLoadState('networkidle')
      await p.screenshot({ path: `${shots}/${role}-${lang}-${theme}-${phone ? 390 : 1280}.png`, fullPage: true })
      await p.context().close()
    }
  }
})
