package matching

import (
	"context"

	"github.com/waymeet/waymeet/internal/fault"
	"github.com/waymeet/waymeet/store"
)

// Connect lets a new connection speak for an expert; the one before it cannot any more.
func (s *Service) Connect(ctx context.Context, by By) (epoch int64, err error) {
	err = s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) (err error) {
		epoch, err = tx.ConnectExpert(ctx, by.User, s.node, s.beat)
		return err
	})
	if store.IsNotFound(err) {
		return 0, fault.New("expert_not_found")
	}
	s.matcher.stir(by.Tenant, by.User)
	return epoch, err
}

// Beat says that a connection lives.
func (s *Service) Beat(ctx context.Context, by By, epoch int64) error {
	return s.speaks(ctx, by, func(tx *store.Tx) (bool, error) { return tx.BeatExpert(ctx, by.User, epoch, s.beat) })
}

// Close says that a connection closed: its expert is suspect until the lease runs out, and gone then.
func (s *Service) Close(ctx context.Context, by By, epoch int64) error {
	return s.speaks(ctx, by, func(tx *store.Tx) (bool, error) { return tx.CloseExpert(ctx, by.User, epoch) })
}

// speaks refuses a connection that another one has taken the place of.
func (s *Service) speaks(ctx context.Context, by By, say func(*store.Tx) (bool, error)) error {
	return s.db.InTx(ctx, by.Tenant, func(tx *store.Tx) error {
		ok, err := say(tx)
		if err == nil && !ok {
			return fault.New("presence_superseded")
		}
		return err
	})
}
