import * as Dialog from '@radix-ui/react-dialog'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton } from './Button'
import { cx } from './cx'

type Props = {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: string
  children: ReactNode
  footer?: ReactNode
  /** bottom: a phone's sheet that becomes a centred dialog on wide screens; side: a panel at the reading end; full: whole screen on a phone. */
  place?: 'bottom' | 'side' | 'full'
  /** A payer's bank may be shown above this sheet, by a script that is not ours: neither clicks nor the focus are kept from it. */
  bank?: boolean
}

const places = {
  bottom: 'inset-x-0 bottom-0 max-h-[92dvh] rounded-t-card animate-rise sm:inset-x-auto sm:bottom-auto sm:start-1/2 sm:top-1/2 sm:w-[min(30rem,92vw)] sm:-translate-y-1/2 sm:ltr:-translate-x-1/2 sm:rtl:translate-x-1/2 sm:rounded-card sm:animate-fade',
  side: 'inset-y-0 end-0 w-full sm:w-[27rem] animate-slide sm:border-s sm:border-edge',
  full: 'inset-0 animate-rise sm:inset-auto sm:start-1/2 sm:top-[8vh] sm:h-[min(40rem,84vh)] sm:w-[min(32rem,92vw)] sm:ltr:-translate-x-1/2 sm:rtl:translate-x-1/2 sm:rounded-card sm:animate-fade',
}

export function Sheet({ open, onOpenChange, title, description, children, footer, place = 'bottom', bank = false }: Props) {
  const { t } = useTranslation()
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange} modal={!bank}>
      <Dialog.Portal>
        {bank ? <div aria-hidden="true" className="fixed inset-0 z-40 animate-fade bg-scrim" onClick={() => onOpenChange(false)} /> : <Dialog.Overlay className="fixed inset-0 z-40 animate-fade bg-scrim" />}
        <Dialog.Content
          className={cx('fixed z-50 flex flex-col bg-surface shadow-float focus:outline-none', places[place])}
          {...(description ? {} : { 'aria-describedby': undefined })}
          {...(bank ? { onInteractOutside: (e: Event) => e.preventDefault() } : {})}
        >
          <div className="flex items-start gap-3 border-b border-edge py-3 ps-5 pe-3">
            <div className="min-w-0 flex-1 py-1.5">
              <Dialog.Title className="text-lg font-bold">{title}</Dialog.Title>
              {description && <Dialog.Description className="mt-1 text-sm text-muted">{description}</Dialog.Description>}
            </div>
            <Dialog.Close asChild>
              <IconButton icon="close" label={t('action.close')} />
            </Dialog.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
          {footer && <div className="safe-bottom border-t border-edge px-5 py-3">{footer}</div>}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
