-- As in checks_by_function: PostgreSQL parses the text of a table's CHECKs anew in each statement that
-- writes to it, and holding or closing a prediction writes to all three tables. What belongs together
-- is one call of a function: 6 kB of text are left of 16.

CREATE FUNCTION wallet_amounts_fit(_balance bigint, _bonus bigint, _held bigint)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
  RETURN least(_balance, _bonus, _held) >= 0
    AND greatest(_balance, _bonus, _held, _balance + _bonus) <= 9007199254740991;
END $$;

ALTER TABLE wallets
  DROP CONSTRAINT wallets_balance_range,
  DROP CONSTRAINT wallets_bonus_range,
  DROP CONSTRAINT wallets_held_range,
  DROP CONSTRAINT wallets_available_range,
  ADD CONSTRAINT wallets_amounts CHECK (wallet_amounts_fit(balance, bonus, held));

CREATE FUNCTION transfer_amounts_fit(_amount bigint, _bonus_amount bigint, _available_after bigint)
RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
  RETURN _amount BETWEEN 1 AND 9007199254740991
    AND _bonus_amount BETWEEN 0 AND _amount
    AND _available_after BETWEEN 0 AND 9007199254740991;
END $$;

CREATE FUNCTION transfer_grounds_fit(
  _kind transfer_kind, _prediction_id uuid, _reason text, _actor_id uuid
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
  RETURN (_prediction_id IS NOT NULL) = (_kind IN ('HOLD', 'CAPTURE', 'RELEASE'))
    AND (_kind NOT IN ('WITHDRAWAL', 'ADJUSTMENT') OR (_reason IS NOT NULL AND _actor_id IS NOT NULL));
END $$;

ALTER TABLE transfers
  DROP CONSTRAINT transfers_amount_range,
  DROP CONSTRAINT transfers_bonus_part,
  DROP CONSTRAINT transfers_available_after,
  DROP CONSTRAINT transfers_prediction,
  DROP CONSTRAINT transfers_reason,
  ADD CONSTRAINT transfers_amounts CHECK (transfer_amounts_fit(amount, bonus_amount, available_after)),
  ADD CONSTRAINT transfers_grounds CHECK (transfer_grounds_fit(kind, prediction_id, reason, actor_id));

CREATE FUNCTION prediction_payment_fits(
  _price integer, _held_bonus integer, _held_balance integer, _queued_at timestamptz
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
  RETURN least(_price, _held_bonus, _held_balance) >= 0
    AND _held_bonus + _held_balance = CASE WHEN _queued_at IS NULL THEN 0 ELSE _price END;
END $$;

CREATE FUNCTION prediction_times_fit(
  _status prediction_status, _queued_at timestamptz, _due_at timestamptz, _deadline timestamptz,
  _finished_at timestamptz
) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
  RETURN (_finished_at IS NOT NULL) = (_status IN ('SUCCEEDED', 'FAILED', 'CANCELED', 'EXPIRED'))
    AND (_status NOT IN ('QUEUED', 'RUNNING')
      OR (_due_at IS NOT NULL AND _deadline IS NOT NULL AND _queued_at IS NOT NULL));
END $$;

ALTER TABLE predictions
  DROP CONSTRAINT predictions_price,
  DROP CONSTRAINT predictions_held,
  DROP CONSTRAINT predictions_paid_once_run,
  DROP CONSTRAINT predictions_open_has_due,
  DROP CONSTRAINT predictions_finished,
  ADD CONSTRAINT predictions_payment CHECK (
    prediction_payment_fits(price, held_bonus, held_balance, queued_at)),
  ADD CONSTRAINT predictions_times CHECK (
    prediction_times_fit(status, queued_at, due_at, deadline, finished_at));
