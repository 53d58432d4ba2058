export { fullJitter } from './backoff.js'
export type { Abort, CallArgs, CallOptions } from './calls.js'
export { Channel } from './channel.js'
export type { Said, SignalOptions, Signals } from './channel.js'
export { WaymeetClient } from './client.js'
export type { CallOutboxOptions, ClientOptions, QueuedCall } from './client.js'
export { tickets } from './credential.js'
export type { AccessToken, Credential } from './credential.js'
export { boardChannel, walletIn } from './documents.js'
export type {
  AppointmentDoc,
  BoardDoc,
  BoardKinds,
  BoardTalkDoc,
  BoardWindow,
  BookingDoc,
  BookingKinds,
  BookingState,
  Callback,
  FinanceKinds,
  FinanceList,
  FinanceListDoc,
  Halt,
  Hearing,
  LineKinds,
  LineTripDoc,
  MeKinds,
  MessageDoc,
  MessageFile,
  Modality,
  Money,
  OfferDoc,
  OnDutyDoc,
  OwedDoc,
  Participant,
  PeerSignal,
  Position,
  QueueKinds,
  QueueSignals,
  QueuedDoc,
  RequestDoc,
  RequestKinds,
  RequestSignals,
  RideDoc,
  Ring,
  SessionDoc,
  SessionKinds,
  SessionMeter,
  SessionReceipt,
  SessionSignals,
  SessionState,
  TakenDoc,
  TalkDoc,
  TripDoc,
  TripKinds,
  TripSignals,
  TripStatus,
  UserDoc,
  Wait,
  Wallet,
  WalletDoc,
} from './documents.js'
export { Busy, CallError, SignedOut } from './errors.js'
export type { CallOk, Signal, WireError } from './frames.js'
export { mergePatch } from './merge.js'
export type { Doc, Json } from './merge.js'
export { keptIn, Outbox } from './outbox.js'
export type { OutboxOptions, OutboxStorage, Parcel } from './outbox.js'
export { newKey } from './platform.js'
export type { Environment, Fetch } from './platform.js'
export { ageOf, emptySnapshot } from './replica.js'
export type { AnyKinds, Entities, Held, Kinds, ReplicaStatus, Snapshot } from './replica.js'
export { openWith } from './socket.js'
export type { Open, Refusal, SocketLike } from './socket.js'
export type { LinkState, LinkStatus, StaleReason } from './status.js'
