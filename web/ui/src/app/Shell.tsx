import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { Button, IconButton } from '../design/Button'
import { cx } from '../design/cx'
import { Icon, Mark, type IconName } from '../design/icons'
import { Sheet } from '../design/Sheet'
import { useMe, useSession } from './context'
import { LanguageChoice, ThemeChoice } from './Preferences'
import { placesFor } from './places'

/** Header, the person's places, and the account panel. Riders on phones get their places at the thumb. */
export function Shell({ children, wide = false }: { children: ReactNode; wide?: boolean }) {
  const { t } = useTranslation()
  const me = useMe()
  const [path] = useLocation()
  const [open, setOpen] = useState(false)
  const places = placesFor(me)
  const active = (href: string) => (href === '/' ? path === '/' || path.startsWith('/trips') : path.startsWith(href))
  return (
    <div className="flex min-h-dvh flex-col">
      <a href="#main" className="sr-only focus:not-sr-only focus:fixed focus:start-3 focus:top-3 focus:z-50 focus:rounded-control focus:bg-raised focus:px-4 focus:py-2 focus:shadow-float">
        {t('nav.skip')}
      </a>
      <header className="sticky top-0 z-30 border-b border-edge bg-surface">
        <div className={cx('mx-auto flex h-14 items-center gap-3 ps-4 pe-2', wide ? '' : 'max-w-6xl')}>
          <Link href="/" className="flex min-w-0 items-center gap-2.5 rounded-control">
            <Mark />
            <span className="truncate text-[1.0625rem] font-bold tracking-tight">{me.tenant.name}</span>
          </Link>
          <nav aria-label={t('nav.label')} className={cx('ms-4 items-center gap-1', places.length > 1 ? 'hidden sm:flex' : 'hidden')}>
            {places.map((p) => (
              <Link
                key={p.href}
                href={p.href}
                aria-current={active(p.href) ? 'page' : undefined}
                className={cx('flex min-h-10 items-center gap-2 rounded-control px-3 text-[0.9375rem] font-semibold', active(p.href) ? 'bg-brand-soft text-brand' : 'text-muted hover:bg-sunken hover:text-ink')}
              >
                <Icon name={p.icon} size={18} />
                {t(p.label)}
              </Link>
            ))}
          </nav>
          <div className="ms-auto flex items-center">
            <IconButton icon="user" label={t('nav.account')} onClick={() => setOpen(true)} />
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1} className={cx('flex w-full flex-1 flex-col focus:outline-none', wide ? '' : 'mx-auto max-w-6xl px-4 py-5', places.length > 1 ? 'pb-24 sm:pb-8' : '', wide && 'pb-16 sm:pb-0')}>
        {children}
      </main>
      {places.length > 1 && (
        <nav aria-label={t('nav.label')} className="safe-bottom fixed inset-x-0 bottom-0 z-30 flex border-t border-edge bg-surface sm:hidden">
          {places.map((p) => (
            <ThumbPlace key={p.href} href={p.href} icon={p.icon} label={t(p.label)} active={active(p.href)} />
          ))}
        </nav>
      )}
      <Account open={open} onOpenChange={setOpen} />
    </div>
  )
}

function ThumbPlace({ href, icon, label, active }: { href: string; icon: IconName; label: string; active: boolean }) {
  return (
    <Link href={href} aria-current={active ? 'page' : undefined} className={cx('flex min-h-14 flex-1 flex-col items-center justify-center gap-0.5 text-xs font-semibold', active ? 'text-brand' : 'text-muted')}>
      <span className={cx('rounded-full px-4 py-0.5', active && 'bg-brand-soft')}>
        <Icon name={icon} size={22} />
      </span>
      {label}
    </Link>
  )
}

function Account({ open, onOpenChange }: { open: boolean; onOpenChange: (o: boolean) => void }) {
  const { t } = useTranslation()
  const me = useMe()
  const session = useSession()
  return (
    <Sheet open={open} onOpenChange={onOpenChange} title={me.name} description={me.email} place="side">
      <div className="flex flex-col gap-6">
        <LanguageChoice />
        <ThemeChoice />
        <Button icon="out" onClick={() => void session.signOut()}>
          {t('nav.signOut')}
        </Button>
      </div>
    </Sheet>
  )
}
