package bus

// begin has everything wanted ordered anew, on a session's lanes.
func (b *Bus) begin(lanes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mute = lanes
	clear(b.owed)
	clear(b.leaving)
	b.todo = b.todo[:0]
	for name, in := range b.subjects {
		in.sent = false
		b.todo = append(b.todo, order{channel: name, tag: in.tag})
	}
}

// take returns all orders, whose answers are owed from now on.
func (b *Bus) take() []order {
	b.mu.Lock()
	defer b.mu.Unlock()
	orders := b.todo
	b.todo = nil
	for _, o := range orders {
		if o.leave {
			b.leaving[o.channel]++
			continue
		}
		b.owed[o.channel]++
		if in := b.subjects[o.channel]; in != nil {
			in.sent = true
		}
	}
	return orders
}

// met notes the first word of a lane: one that nothing is wanted from must be heard all the same.
func (b *Bus) met() {
	b.mu.Lock()
	b.mute--
	b.riseAndUnlock()
}

// confirm notes Redis' answer. Of a subject that was left and wanted again, only the last
// answer counts: between the earlier one and it, Redis does not deliver.
func (b *Bus) confirm(name string) {
	b.mu.Lock()
	b.owed[name]--
	owed := b.owed[name]
	if owed <= 0 {
		delete(b.owed, name)
	}
	in := b.subjects[name]
	if in != nil && in.sent && !in.confirmed && owed <= 0 {
		in.confirmed = true
		close(in.done)
	}
	b.riseAndUnlock()
}

// left notes that Redis has ended a subscription; false when nobody asked for it.
func (b *Bus) left(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.leaving[name]
	if n <= 1 {
		delete(b.leaving, name)
	} else {
		b.leaving[name] = n - 1
	}
	return n > 0
}

// riseAndUnlock is called with mu held. The bus is up when every lane is heard and
// everything wanted is confirmed.
func (b *Bus) riseAndUnlock() {
	rising := !b.up && b.mute == 0 && len(b.owed) == 0 && len(b.todo) == 0
	b.up, b.told = b.up || rising, b.told || rising
	b.mu.Unlock()
	if rising {
		b.counts.ups.Add(1)
		if b.cfg.State != nil {
			b.cfg.State(true)
		}
	}
}

// down releases those who wait for a confirmation: it will come with the next session.
func (b *Bus) down() {
	b.mu.Lock()
	fell := b.up
	b.up = false
	for _, in := range b.subjects {
		if !in.confirmed {
			close(in.done)
		}
		in.confirmed, in.done = false, make(chan struct{})
	}
	b.mu.Unlock()
	if fell && b.cfg.State != nil {
		b.cfg.State(false)
	}
}

// unmet says once that Redis was away before it was ever heard: whoever waits for the first word is not left waiting.
func (b *Bus) unmet() {
	b.mu.Lock()
	first := !b.told
	b.told = true
	b.mu.Unlock()
	if first && b.cfg.State != nil {
		b.cfg.State(false)
	}
}
