package rest

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/waymeet/waymeet/identity/tenant"
)

type zoneKey struct{}

// ZoneOf is the zone in which ctx's caller's operator is: days that a request names are meant there.
func ZoneOf(ctx context.Context) *time.Location {
	if z, ok := ctx.Value(zoneKey{}).(*time.Location); ok {
		return z
	}
	return time.UTC
}

// zoned asks for the caller's zone before anything is done, so that an answer never fails for want of it.
func (a *API) zoned(ctx context.Context) (context.Context, error) {
	t := requestOf(ctx).Tenant
	if a.config.Zone == nil || t == tenant.None {
		return ctx, nil
	}
	z, err := a.config.Zone(ctx, t)
	if err != nil {
		return ctx, err
	}
	return context.WithValue(ctx, zoneKey{}, z), nil
}

// local is an answer whose instants are written as the operator's clocks showed them: an instant still, and a time on the wall for whoever
// has no zone data, or old data. What others may hold too is copied, never changed.
func local[O any](out *O, zone *time.Location) *O {
	if out == nil || zone == time.UTC || !holdsTime(reflect.TypeFor[O]()) {
		return out
	}
	own := *out
	move(reflect.ValueOf(&own).Elem(), zone)
	return &own
}

var (
	instantType = reflect.TypeFor[time.Time]()
	holding     sync.Map // of what types hold instants
)

// holdsTime tells whether values of a type may hold an instant. A type that holds itself does as its other fields do.
func holdsTime(t reflect.Type) bool {
	if known, ok := holding.Load(t); ok {
		return known.(bool) //nolint:forcetypeassert // nothing else is stored
	}
	holds := reaches(t, map[reflect.Type]bool{})
	holding.Store(t, holds)
	return holds
}

func reaches(t reflect.Type, seen map[reflect.Type]bool) bool {
	if t == instantType {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return reaches(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if (f.IsExported() || f.Anonymous) && reaches(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// move changes v, which is the caller's alone; what it points to is copied first.
func move(v reflect.Value, zone *time.Location) {
	t := v.Type()
	if t == instantType {
		if at, ok := v.Interface().(time.Time); ok && !at.IsZero() {
			v.Set(reflect.ValueOf(at.In(zone)))
		}
		return
	}
	if !holdsTime(t) {
		return
	}
	switch t.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			own := reflect.New(t.Elem())
			own.Elem().Set(v.Elem())
			move(own.Elem(), zone)
			v.Set(own)
		}
	case reflect.Slice:
		if !v.IsNil() {
			own := reflect.MakeSlice(t, v.Len(), v.Len())
			reflect.Copy(own, v)
			for i := range own.Len() {
				move(own.Index(i), zone)
			}
			v.Set(own)
		}
	case reflect.Array:
		for i := range v.Len() {
			move(v.Index(i), zone)
		}
	case reflect.Map:
		if !v.IsNil() {
			own := reflect.MakeMapWithSize(t, v.Len())
			for k, x := range v.Seq2() {
				e := reflect.New(t.Elem()).Elem()
				e.Set(x)
				move(e, zone)
				own.SetMapIndex(k, e)
			}
			v.Set(own)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := t.Field(i); f.IsExported() || f.Anonymous {
				move(v.Field(i), zone)
			}
		}
	}
}
