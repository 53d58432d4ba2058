package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store/internal/sqlc"
)

// Payer is who a user is at a gateway.
type Payer struct {
	Account, User uuid.UUID // Account: the tenant's with the gateway
	Ref           string    // the gateway's; empty: it has not answered yet
	N             int       // of the attempt to make it
	CreatedAt     time.Time
}

// MaxMethods is how many cards one may keep.
const MaxMethods = 10

// RoomForMethod is methods_full when a user keeps as many cards as they may.
func (r *Reader) RoomForMethod(ctx context.Context, account, user uuid.UUID) error {
	all, err := r.Methods(ctx, account, user, MaxMethods)
	if err == nil && len(all) == MaxMethods {
		err = fault.New("methods_full")
	}
	return err
}

// AddPayer notes that a user is to be known to a gateway, by ref if they are.
func (tx *Tx) AddPayer(ctx context.Context, account, user uuid.UUID, ref string) error {
	err := tx.q.PayerAdd(ctx, tx.tenant.UUID(), account, user, textOrNull(ref))
	if err != nil {
		return fmt.Errorf("store: add payer %s: %w", user, err)
	}
	return nil
}

// Payer is who a user is at a gateway.
func (r *Reader) Payer(ctx context.Context, account, user uuid.UUID) (Payer, error) {
	p, err := r.q.PayerGet(ctx, r.tenant.UUID(), account, user)
	if err != nil {
		return Payer{}, fmt.Errorf("store: read payer %s: %w", user, err)
	}
	return Payer{p.GatewayAccountID, p.UserID, text(p.GatewayRef), int(p.N), p.CreatedAt}, nil
}

// LockPayer is Payer, whose cards nobody else changes until the transaction ends. Lock them before their cards.
func (tx *Tx) LockPayer(ctx context.Context, account, user uuid.UUID) (Payer, error) {
	p, err := tx.q.PayerLock(ctx, tx.tenant.UUID(), account, user)
	if err != nil {
		return Payer{}, fmt.Errorf("store: lock payer %s: %w", user, err)
	}
	return Payer{p.GatewayAccountID, p.UserID, text(p.GatewayRef), int(p.N), p.CreatedAt}, nil
}

// MadePayer keeps what the gateway calls them, the first answer for good.
func (tx *Tx) MadePayer(ctx context.Context, p Payer, ref string) error {
	if err := tx.q.PayerMade(ctx, ref, tx.tenant.UUID(), p.Account, p.User); err != nil {
		return fmt.Errorf("store: note payer %s: %w", p.User, err)
	}
	return nil
}

// PayerAgain counts the next attempt.
func (tx *Tx) PayerAgain(ctx context.Context, p Payer) error {
	if err := tx.q.PayerAgain(ctx, tx.tenant.UUID(), p.Account, p.User, int16(p.N)); err != nil {
		return fmt.Errorf("store: count payer %s: %w", p.User, err)
	}
	return nil
}

// MethodState is whether a saved card can be used.
type MethodState string

// States of saved cards.
const (
	MethodKept    MethodState = "kept"
	MethodLeaving MethodState = "leaving" // removed here, not yet at the gateway
	MethodGone    MethodState = "gone"
)

// Card is what may be shown of a card.
type Card struct {
	Brand, Last4      string
	ExpMonth, ExpYear int
}

// Method is a card that a gateway keeps for a user.
type Method struct {
	ID, Account, User uuid.UUID
	Customer, Ref     string // the gateway's
	Card              Card
	Preferred         bool
	State             MethodState
	AddedAt           time.Time
}

// KeepMethod notes a card that the gateway keeps now; it answers with the one of this Ref that was noted before, which may
// be gone. Lock the payer first.
func (tx *Tx) KeepMethod(ctx context.Context, m Method) (kept Method, added bool, err error) {
	n, err := tx.q.MethodKeep(ctx, sqlc.MethodKeepParams{TenantID: tx.tenant.UUID(), ID: m.ID, GatewayAccountID: m.Account, UserID: m.User, GatewayCustomer: m.Customer,
		GatewayRef: m.Ref, Brand: m.Card.Brand, Last4: m.Card.Last4, ExpMonth: int16(m.Card.ExpMonth), ExpYear: int16(m.Card.ExpYear)})
	if err != nil {
		return m, false, fmt.Errorf("store: keep method: %w", err)
	}
	kept, err = tx.MethodByRef(ctx, m.Account, m.Ref)
	return kept, n == 1, err
}

// Method is one saved card.
func (r *Reader) Method(ctx context.Context, id uuid.UUID) (Method, error) {
	m, err := r.q.MethodGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return Method{}, fmt.Errorf("store: read method %s: %w", id, err)
	}
	return methodOf(&m), nil
}

// LockMethod is Method, which nobody else changes until the transaction ends. Lock its payer first.
func (tx *Tx) LockMethod(ctx context.Context, id uuid.UUID) (Method, error) {
	m, err := tx.q.MethodLock(ctx, tx.tenant.UUID(), id)
	if err != nil {
		return Method{}, fmt.Errorf("store: lock method %s: %w", id, err)
	}
	return methodOf(&m), nil
}

// MethodByRef is the card that a gateway calls so.
func (r *Reader) MethodByRef(ctx context.Context, account uuid.UUID, ref string) (Method, error) {
	m, err := r.q.MethodByRef(ctx, r.tenant.UUID(), account, ref)
	if err != nil {
		return Method{}, fmt.Errorf("store: find method %s: %w", ref, err)
	}
	return methodOf(&m), nil
}

// Methods is what a user keeps at a gateway, the preferred one first, then the latest.
func (r *Reader) Methods(ctx context.Context, account, user uuid.UUID, limit int) ([]Method, error) {
	rows, err := r.q.Methods(ctx, r.tenant.UUID(), account, user, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("store: list methods of %s: %w", user, err)
	}
	out := make([]Method, len(rows))
	for i := range rows {
		out[i] = methodOf(&rows[i])
	}
	return out, nil
}

// CardChanged keeps what the gateway says of a card now.
func (tx *Tx) CardChanged(ctx context.Context, id uuid.UUID, c Card) (bool, error) {
	n, err := tx.q.MethodCard(ctx, sqlc.MethodCardParams{TenantID: tx.tenant.UUID(), ID: id, Brand: c.Brand, Last4: c.Last4, ExpMonth: int16(c.ExpMonth), ExpYear: int16(c.ExpYear)})
	if err != nil {
		return false, fmt.Errorf("store: change method %s: %w", id, err)
	}
	return n == 1, nil
}

// LeaveMethod takes a card from its user: leaving, or gone. Another one is preferred then, if there is one. Lock the payer first.
func (tx *Tx) LeaveMethod(ctx context.Context, m Method, to MethodState) error {
	if err := tx.q.MethodState(ctx, string(to), tx.tenant.UUID(), m.ID); err != nil {
		return fmt.Errorf("store: move method %s: %w", m.ID, err)
	}
	if !m.Preferred {
		return nil
	}
	rest, err := tx.Methods(ctx, m.Account, m.User, 1)
	if err != nil || len(rest) == 0 {
		return err
	}
	return tx.PreferMethod(ctx, rest[0])
}

// PreferMethod has a card offered first. Lock the payer first.
func (tx *Tx) PreferMethod(ctx context.Context, m Method) error {
	if err := tx.q.MethodUnprefer(ctx, tx.tenant.UUID(), m.Account, m.User); err != nil {
		return fmt.Errorf("store: prefer method %s: %w", m.ID, err)
	}
	if err := tx.q.MethodPrefer(ctx, tx.tenant.UUID(), m.ID); err != nil {
		return fmt.Errorf("store: prefer method %s: %w", m.ID, err)
	}
	return nil
}

// TryMethod counts an attempt to have a card forgotten.
func (tx *Tx) TryMethod(ctx context.Context, id uuid.UUID) (int, error) {
	n, err := tx.q.MethodTry(ctx, tx.tenant.UUID(), id)
	if err != nil {
		return 0, fmt.Errorf("store: count method %s: %w", id, err)
	}
	return int(n), nil
}

// SetupState is where saving a card stands.
type SetupState string

// States of setups.
const (
	SetupOpen      SetupState = "open"
	SetupDone      SetupState = "done"
	SetupCancelled SetupState = "cancelled"
)

// MethodSetup is a card on its way to being kept.
type MethodSetup struct {
	ID, Account, User uuid.UUID
	Ref               string // the gateway's; empty: it has not answered yet
	N                 int
	State             SetupState
	Method            uuid.UUID // once done
	CreatedAt         time.Time
}

// OpenSetup is a user's open setup, a new one under id where there is none. Lock the payer first.
func (tx *Tx) OpenSetup(ctx context.Context, id, account, user uuid.UUID) (MethodSetup, error) {
	if err := tx.q.SetupAdd(ctx, tx.tenant.UUID(), id, account, user); err != nil {
		return MethodSetup{}, fmt.Errorf("store: add setup: %w", err)
	}
	s, err := tx.q.SetupOpen(ctx, tx.tenant.UUID(), account, user)
	if err != nil {
		return MethodSetup{}, fmt.Errorf("store: read open setup: %w", err)
	}
	return setupOf(&s), nil
}

// Setup is one setup.
func (r *Reader) Setup(ctx context.Context, id uuid.UUID) (MethodSetup, error) {
	s, err := r.q.SetupGet(ctx, r.tenant.UUID(), id)
	if err != nil {
		return MethodSetup{}, fmt.Errorf("store: read setup %s: %w", id, err)
	}
	return setupOf(&s), nil
}

// MadeSetup keeps what the gateway calls it, the first answer for good.
func (tx *Tx) MadeSetup(ctx context.Context, id uuid.UUID, ref string) error {
	if err := tx.q.SetupMade(ctx, ref, tx.tenant.UUID(), id); err != nil {
		return fmt.Errorf("store: note setup %s: %w", id, err)
	}
	return nil
}

// SetupAgain counts the next attempt.
func (tx *Tx) SetupAgain(ctx context.Context, s MethodSetup) error {
	if err := tx.q.SetupAgain(ctx, tx.tenant.UUID(), s.ID, int16(s.N)); err != nil {
		return fmt.Errorf("store: count setup %s: %w", s.ID, err)
	}
	return nil
}

// SettleSetup ends a setup; false: it was over before.
func (tx *Tx) SettleSetup(ctx context.Context, id uuid.UUID, state SetupState, method uuid.UUID) (bool, error) {
	n, err := tx.q.SetupSettle(ctx, string(state), idOrNull(method), tx.tenant.UUID(), id)
	if err != nil {
		return false, fmt.Errorf("store: settle setup %s: %w", id, err)
	}
	return n == 1, nil
}

func methodOf(m *sqlc.SavedMethod) Method {
	return Method{ID: m.ID, Account: m.GatewayAccountID, User: m.UserID, Customer: m.GatewayCustomer, Ref: m.GatewayRef,
		Card: Card{m.Brand, m.Last4, int(m.ExpMonth), int(m.ExpYear)}, Preferred: m.Preferred, State: MethodState(m.State), AddedAt: m.AddedAt}
}

func setupOf(s *sqlc.MethodSetup) MethodSetup {
	return MethodSetup{ID: s.ID, Account: s.GatewayAccountID, User: s.UserID, Ref: text(s.GatewayRef), N: int(s.N), State: SetupState(s.State), Method: idOf(s.MethodID), CreatedAt: s.CreatedAt}
}
