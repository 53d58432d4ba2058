// Package api is the operations of the HTTP API, one file per resource.
//
// A resource is a function of the services that it needs; it returns what web mounts:
//
//	func Trips(d *dispatch.Service) func(*rest.API) {
//		return func(a *rest.API) {
//			rest.Handle(a, "trips.get", rest.Doc{Summary: "See a trip"}, func(ctx context.Context, in *tripID) (*rest.Answer[Trip], error) {
//				trip, err := d.Trip(ctx, in.ID)
//				if err != nil {
//					return nil, err
//				}
//				if err := policy.Can(ctx, policy.TripRead, trip.Resource()); err != nil {
//					return nil, err
//				}
//				return rest.Say(tripOf(trip)), nil
//			})
//		}
//	}
//
// The route itself (address, policy action, whether a key is needed) stands in web/routes.go. Types carry their checks
// and examples as tags (format, minimum, maxLength, enum, example, doc): they are the documentation. Errors are faults;
// anything else is "internal". A handler decodes, asks, calls one verb of one service, and encodes; it decides nothing.
package api
