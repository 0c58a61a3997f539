-- No credit appears from nowhere and none is spent twice, whatever the code above does.
ALTER TABLE wallets
  ADD CONSTRAINT wallets_balance_range CHECK (balance BETWEEN 0 AND 9007199254740991),
  ADD CONSTRAINT wallets_bonus_range CHECK (bonus BETWEEN 0 AND 9007199254740991),
  ADD CONSTRAINT wallets_held_range CHECK (held BETWEEN 0 AND 9007199254740991),
  ADD CONSTRAINT wallets_available_range CHECK (balance + bonus <= 9007199254740991);

-- Half-empty pages keep the two updates per prediction of a wallet in its page (HOT).
ALTER TABLE wallets SET (fillfactor = 50);

ALTER TABLE transfers
  ADD CONSTRAINT transfers_amount_range CHECK (amount BETWEEN 1 AND 9007199254740991),
  ADD CONSTRAINT transfers_bonus_part CHECK (bonus_amount BETWEEN 0 AND amount),
  ADD CONSTRAINT transfers_available_after CHECK (available_after BETWEEN 0 AND 9007199254740991),
  ADD CONSTRAINT transfers_accounts CHECK (
    CASE kind
      WHEN 'SIGN_UP_BONUS' THEN debit = 'PROMOTIONS' AND credit = 'AVAILABLE' AND bonus_amount = amount
      WHEN 'BONUS' THEN debit = 'PROMOTIONS' AND credit = 'AVAILABLE' AND bonus_amount = amount
      WHEN 'TOP_UP' THEN debit = 'TOP_UPS' AND credit = 'AVAILABLE' AND bonus_amount = 0
      WHEN 'HOLD' THEN debit = 'AVAILABLE' AND credit = 'HELD'
      WHEN 'CAPTURE' THEN debit = 'HELD' AND credit = 'REVENUE'
      WHEN 'RELEASE' THEN debit = 'HELD' AND credit = 'AVAILABLE'
      WHEN 'WITHDRAWAL' THEN debit = 'AVAILABLE' AND credit = 'WITHDRAWALS' AND bonus_amount = 0
      WHEN 'ADJUSTMENT' THEN bonus_amount = 0 AND (
        (debit = 'ADJUSTMENTS' AND credit = 'AVAILABLE') OR
        (debit = 'AVAILABLE' AND credit = 'ADJUSTMENTS'))
    END),
  ADD CONSTRAINT transfers_prediction CHECK (
    (prediction_id IS NOT NULL) = (kind IN ('HOLD', 'CAPTURE', 'RELEASE'))),
  ADD CONSTRAINT transfers_reason CHECK (
    kind NOT IN ('WITHDRAWAL', 'ADJUSTMENT') OR (reason IS NOT NULL AND actor_id IS NOT NULL));

-- A prediction is held once and resolved once.
CREATE UNIQUE INDEX transfers_one_hold ON transfers (prediction_id) WHERE kind = 'HOLD';
CREATE UNIQUE INDEX transfers_one_resolution ON transfers (prediction_id) WHERE kind IN ('CAPTURE', 'RELEASE');

CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'transfers are append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER transfers_append_only
  BEFORE UPDATE OR DELETE OR TRUNCATE ON transfers
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

ALTER TABLE predictions
  ADD CONSTRAINT predictions_price CHECK (price >= 0),
  ADD CONSTRAINT predictions_held CHECK (held_bonus >= 0 AND held_balance >= 0),
  ADD CONSTRAINT predictions_paid_once_run CHECK (
    held_bonus + held_balance = CASE WHEN queued_at IS NULL THEN 0 ELSE price END),
  ADD CONSTRAINT predictions_open_has_due CHECK (
    status NOT IN ('QUEUED', 'RUNNING') OR (due_at IS NOT NULL AND deadline IS NOT NULL AND queued_at IS NOT NULL)),
  ADD CONSTRAINT predictions_outcome CHECK (
    (output IS NOT NULL) = (status = 'SUCCEEDED') AND (failure IS NOT NULL) = (status IN ('FAILED', 'EXPIRED'))),
  ADD CONSTRAINT predictions_finished CHECK (
    (finished_at IS NOT NULL) = (status IN ('SUCCEEDED', 'FAILED', 'CANCELED', 'EXPIRED')));

-- A final status is final, and a prediction is never deleted by accident of an UPDATE.
CREATE FUNCTION refuse_reopening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'prediction % has ended as %', OLD.id, OLD.status USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER predictions_final
  BEFORE UPDATE OF status ON predictions
  FOR EACH ROW WHEN (OLD.status IN ('SUCCEEDED', 'FAILED', 'CANCELED', 'EXPIRED'))
  EXECUTE FUNCTION refuse_reopening();
