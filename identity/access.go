package identity

import (
	"context"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
)

// claims of an access token: who, of which tenant, in which session. Rights are not in it: they may change within its
// ten minutes.
type claims struct {
	jwt.RegisteredClaims
	Tenant  uuid.UUID `json:"tid"`
	Session uuid.UUID `json:"sid"`
}

func (s *Service) signAccess(ctx context.Context, t tenant.ID, user, session uuid.UUID) (string, error) {
	kid, private, err := s.signer(ctx)
	if err != nil {
		return "", err
	}
	now := s.now()
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: s.issuer, Audience: jwt.ClaimStrings{audience}, Subject: user.String(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(accessTTL)),
		},
		Tenant: t.UUID(), Session: session,
	})
	token.Header["kid"] = kid
	return token.SignedString(private)
}

// Credential is who a token or a ticket stands for, and until when.
type Credential struct {
	Actor   policy.Actor
	Expires time.Time
}

// Authenticate tells who a bearer token stands for, with what they may do now.
func (s *Service) Authenticate(ctx context.Context, bearer string) (policy.Actor, error) {
	c, err := s.Check(ctx, bearer)
	return c.Actor, err
}

// Check is Authenticate with the token's end, for connections that outlive it.
func (s *Service) Check(ctx context.Context, bearer string) (Credential, error) {
	if len(bearer) > 2048 {
		return Credential{}, fault.New("unauthenticated")
	}
	var c claims
	_, err := s.parser().ParseWithClaims(bearer, &c, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		if k := s.publicKey(ctx, kid); k != nil {
			return k, nil
		}
		return nil, errors.New("identity: a key that nobody knows")
	})
	if errors.Is(err, jwt.ErrTokenExpired) {
		return Credential{}, fault.New("token_expired")
	}
	if err != nil {
		return Credential{}, fault.New("unauthenticated").Because(err)
	}
	user, err := uuid.Parse(c.Subject)
	if err != nil || user == uuid.Nil || c.Tenant == uuid.Nil || c.Session == uuid.Nil {
		return Credential{}, fault.New("unauthenticated")
	}
	actor, err := s.Actor(ctx, tenant.ID(c.Tenant), user, c.Session)
	return Credential{actor, c.ExpiresAt.Time}, err
}

// parser accepts one algorithm, our issuer and audience, and wants every claim that a decision rests on.
func (s *Service) parser() *jwt.Parser {
	return jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithIssuer(s.issuer), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(5*time.Second), jwt.WithTimeFunc(s.now), jwt.WithStrictDecoding())
}
