package identity

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/waymeet/waymeet/identity/policy"
	"github.com/waymeet/waymeet/identity/tenant"
	"github.com/waymeet/waymeet/internal/fault"
)

const (
	maxToken = 2048
	leeway   = 5 * time.Second // what the clocks of nodes may differ by
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
	body, err := json.Marshal(token.Claims) // as it will be signed
	if err != nil {
		return "", err
	}
	token.Header["kid"], token.Header["seal"] = kid, s.madeSeal("access token", []byte(token.EncodeSegment(body)))
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
	if len(bearer) > maxToken {
		return Credential{}, fault.New("unauthenticated")
	}
	c, err := s.read(ctx, bearer)
	if errors.Is(err, jwt.ErrTokenExpired) {
		return Credential{}, fault.New("token_expired").Because(ErrSpent)
	}
	if errors.Is(err, errBlind) {
		return Credential{}, fault.New("unavailable").After(time.Second).Because(err)
	}
	if err != nil {
		return Credential{}, fault.New("unauthenticated").Because(err)
	}
	user, err := uuid.Parse(c.Subject)
	if err != nil || user == uuid.Nil || c.Tenant == uuid.Nil || c.Session == uuid.Nil {
		return Credential{}, fault.New("unauthenticated")
	}
	actor, err := s.Actor(ctx, tenant.ID(c.Tenant), user, c.Session)
	return Credential{actor, c.ExpiresAt.Add(leeway)}, spent(err) // a socket lives as long as its token would open another
}

// read checks a token's signature and its claims.
func (s *Service) read(ctx context.Context, bearer string) (c claims, err error) {
	hash := sha256.Sum256([]byte(bearer))
	unknown := errors.New("identity: a key that nobody knows")
	key := func(kid string) ed25519.PublicKey {
		k, err := s.publicKey(ctx, kid)
		if err != nil {
			unknown = err
		}
		return k
	}
	if c, ok := s.signatures.find(hash, key); ok {
		return c, s.validator.Validate(c)
	}
	checked := signed{}
	_, err = jwt.NewParser(append(s.wants(), jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithStrictDecoding())...).
		ParseWithClaims(bearer, &c, func(t *jwt.Token) (any, error) {
			checked.kid, _ = t.Header["kid"].(string)
			if checked.by = key(checked.kid); checked.by != nil {
				return checked.by, nil
			}
			return nil, unknown
		})
	if err == nil {
		checked.claims = c
		s.signatures.keep(hash, checked)
	}
	return c, err
}

// wants is our issuer and audience, and every claim that a decision rests on.
func (s *Service) wants() []jwt.ParserOption {
	return []jwt.ParserOption{jwt.WithIssuer(s.issuer), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithTimeFunc(s.now)}
}
