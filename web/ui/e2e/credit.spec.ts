import { accessible, accessibleEverywhere, Api, expect, person, test, words } from './world'

type Money = { amount: number; currency: string }
type Bill = { id: string; number: string; kind: string; organisation: string; gross: Money; open: Money; lines?: { n: string; amount: number }[] }

// What is credited of an invoice that was paid is its organisation's: it pays another invoice that finance chooses, and the rest goes back to the bank by two people.
test('an organisation is credited what it had paid: it pays another invoice, and goes back to its bank', async ({ browser }) => {
  test.setTimeout(180_000)
  const { credits, invoices, office, finance: money, experts } = words('en')
  const api = await Api.as('finance')
  const owed = async () => (await api.get<{ items: Bill[] }>('/v1/receivables/invoices?currency=MAD')).items
  const [paid, other] = await owed()
  if (!paid || !other) throw new Error('the demo owes no two invoices')
  const csv = `date,amount,currency,payer,text,reference\n${api.today},${(paid.open.amount / 100).toFixed(2)},MAD,ATLAS TEXTILES,VIR ${paid.number},CR\n`
  await api.post('/v1/bank/imports', { account: 'main', name: 'credit.csv', csv })
  const { lines } = await api.get<Bill>(`/v1/invoices/${paid.id}`)
  await api.post(`/v1/invoices/${paid.id}/credit`, { picks: [{ line: lines![0]!.n, amount: lines![0]!.amount }], reason: 'The bus did not come' })

  const manager = await person(browser, 'manager', { lang: 'en', phone: true })
  await manager.goto('/company/invoices')
  await expect(manager.getByText(invoices.credit, { exact: false }).first()).toBeVisible()
  await accessible(manager, 'the credit of a company')

  const finance = await person(browser, 'finance', { lang: 'en' })
  await finance.goto('/finance/credits')
  const credit = finance.getByTestId('credit').filter({ has: finance.getByRole('button', { name: credits.apply }) }).first()
  await credit.getByRole('button', { name: credits.apply }).click()
  const sheet = finance.getByRole('dialog')
  await sheet.getByRole('radio', { name: credits.picked }).check()
  await sheet.getByLabel(office.findNumber).fill(other.number)
  await expect(sheet.getByTestId('open-invoices').locator('li')).toHaveCount(1)
  await sheet.getByLabel(money.amount.replace('{{currency}}', 'MAD')).fill('1')
  await accessibleEverywhere(finance, 'choosing what credit pays')
  await sheet.getByRole('button', { name: credits.applySubmit.split('{{')[0]!.trim() }).click()
  await expect(sheet).toBeHidden()
  await expect.poll(async () => (await owed()).find((b) => b.id === other.id)?.open.amount).toBe(other.open.amount - 100)

  await credit.getByRole('button', { name: credits.refund }).click()
  await sheet.getByLabel(experts.number).fill('AE07 0331 2345 6789 0123 456')
  await sheet.getByLabel(credits.reason).fill('They closed the route')
  await sheet.getByRole('button', { name: credits.prepare }).click()
  const refund = finance.getByTestId('refund')
  await expect(refund.getByText(credits.own)).toBeVisible()
  await expect(refund.getByRole('button', { name: credits.approve })).toBeDisabled()

  const admin = await person(browser, 'admin', { lang: 'en', node: 1 })
  await admin.goto('/finance/credits')
  await admin.getByTestId('refund').getByRole('button', { name: credits.approve }).click()
  await admin.getByRole('dialog').getByRole('button', { name: credits.approve }).click()
  await expect(admin.getByTestId('refund').getByText(credits.state.approved)).toBeVisible()

  await finance.reload()
  await refund.getByRole('button', { name: credits.paid, exact: true }).click()
  await sheet.getByLabel(credits.reference).fill('VIR-99812')
  await sheet.getByRole('button', { name: credits.paid }).click()
  await expect(refund).toHaveCount(0)
  expect((await api.get<{ items: { amount: Money }[] }>('/v1/credits')).items.filter((c) => c.amount.amount > 0)).toEqual([])
})
