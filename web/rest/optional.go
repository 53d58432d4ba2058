package rest

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Optional is a query parameter of which absent and zero are two things. (huma takes no pointers there.)
type Optional[T any] struct {
	Value T
	Set   bool
}

// Schema documents it as the value alone.
func (o Optional[T]) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[T]())
}

// Receiver is where huma puts the value.
func (o *Optional[T]) Receiver() reflect.Value { return reflect.ValueOf(o).Elem().Field(0) }

// OnParamSet hears whether the parameter was there.
func (o *Optional[T]) OnParamSet(set bool, _ any) { o.Set = set }
