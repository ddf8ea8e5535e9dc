-- BookWriter.counters
UPDATE crm_spend_counter SET used_amount=@used_amount, used_count=@used_count WHERE crm_spend_counter.limit_id = @key_limit_id AND crm_spend_counter.subject_id = @key_subject_id AND crm_spend_counter.period_key = @key_period_key;

-- BookWriter.coupons
UPDATE crm_coupon SET state=@state, uses=@uses WHERE crm_coupon.coupon_id = @key_coupon_id;

-- BookWriter.heads
UPDATE crm_writer SET next_chain_no=@next_chain_no, head_hash=@head_hash WHERE crm_writer.writer_id = @key_writer_id;

-- BookWriter.holds
UPDATE crm_hold SET captured=@captured, state=@state, expires_at=@expires_at WHERE crm_hold.hold_id = @key_hold_id;

-- BookWriter.inserts.allocations
INSERT INTO crm_allocation (allocation_id, lot_id, entry_id, operation_id, amount, restores_id) VALUES (@allocation_id, @lot_id, @entry_id, @operation_id, @amount, @restores_id);

-- BookWriter.inserts.coupon_uses
INSERT INTO crm_coupon_use (coupon_use_id, coupon_id, operation_id, check_total, value, undoes_use_id) VALUES (@coupon_use_id, @coupon_id, @operation_id, @check_total, @value, @undoes_use_id);

-- BookWriter.inserts.entries
INSERT INTO crm_entry (entry_id, operation_id, line_no, account_id, account_type_id, amount, balance_after, purpose, reverses_entry_id, pos_amount, k_bp, scheme_id, level_id, campaign_version_id, rate_bp, business_date) VALUES (@entry_id, @operation_id, @line_no, @account_id, @account_type_id, @amount, @balance_after, @purpose, @reverses_entry_id, @pos_amount, @k_bp, @scheme_id, @level_id, @campaign_version_id, @rate_bp, @business_date);

-- BookWriter.inserts.hold_events
INSERT INTO crm_hold_event (hold_id, operation_id, event, amount) VALUES (@hold_id, @operation_id, @event, @amount);

-- BookWriter.inserts.hold_lots
INSERT INTO crm_hold_lot (hold_id, lot_id, amount) VALUES (@hold_id, @lot_id, @amount);

-- BookWriter.inserts.holds
INSERT INTO crm_hold (hold_id, account_id, holder_id, card_code, classifier_id, unit_id, open_operation_id, amount, captured, state, expires_at, purpose, order_guid) VALUES (@hold_id, @account_id, @holder_id, @card_code, @classifier_id, @unit_id, @open_operation_id, @amount, @captured, @state, @expires_at, @purpose, @order_guid);

-- BookWriter.inserts.level_history
INSERT INTO crm_level_history (account_id, operation_id, old_level_id, new_level_id, cause, measure, effective_at) VALUES (@account_id, @operation_id, @old_level_id, @new_level_id, @cause, @measure, @effective_at);

-- BookWriter.inserts.lot_terms
INSERT INTO crm_lot_term (lot_id, operation_id, old_expires_at, new_expires_at) VALUES (@lot_id, @operation_id, @old_expires_at, @new_expires_at);

-- BookWriter.inserts.lots
INSERT INTO crm_lot (lot_id, account_id, entry_id, line, operation_id, amount, origin, parent_lot_id, issued_unit_id, available_at, first_expires_on, first_expires_at, expires_on, expires_at, remaining, held, state) VALUES (@lot_id, @account_id, @entry_id, @line, @operation_id, @amount, @origin, @parent_lot_id, @issued_unit_id, @available_at, @first_expires_on, @first_expires_at, @expires_on, @expires_at, @remaining, @held, @state);

-- BookWriter.inserts.operation_documents
INSERT INTO crm_operation_document (operation_id, doc_kind, body, salt, erased_at) VALUES (@operation_id, @doc_kind, @body, @salt, @erased_at);

-- BookWriter.inserts.operation_items
INSERT INTO crm_operation_item (operation_id, item_no, classifier_id, item_key, attempt_no, fingerprint, ext_index, operation_type, transaction_id) VALUES (@operation_id, @item_no, @classifier_id, @item_key, @attempt_no, @fingerprint, @ext_index, @operation_type, @transaction_id);

-- BookWriter.inserts.operation_traces
INSERT INTO crm_operation_trace (operation_id, trace) VALUES (@operation_id, @trace);

-- BookWriter.lots
UPDATE crm_lot SET expires_on=@expires_on, expires_at=@expires_at, remaining=@remaining, held=@held, state=@state WHERE crm_lot.lot_id = @key_lot_id;

-- BookWriter.new_accounts
INSERT INTO crm_account (account_id, owner_kind, holder_id, certificate_id, account_type_id, state, block_reason, level_id, level_since, level_keep_until, auto_change_levels, credit_depth, scheme_id, opened_at, valid_to, merged_into, balance, pending, held, uncovered, next_lot_event_at, last_operation_at, created_at, updated_at) VALUES (@account_id, @owner_kind, @holder_id, @certificate_id, @account_type_id, @state, @block_reason, @level_id, @level_since, @level_keep_until, @auto_change_levels, @credit_depth, @scheme_id, @opened_at, @valid_to, @merged_into, @balance, @pending, @held, @uncovered, @next_lot_event_at, @last_operation_at, @created_at, @updated_at);

-- BookWriter.new_counters
INSERT INTO crm_spend_counter (limit_id, subject_id, period_key, used_amount, used_count) VALUES (@limit_id, @subject_id, @period_key, @used_amount, @used_count);

-- BookWriter.operations
INSERT INTO crm_operation (operation_id, writer_id, chain_no, kind, status, refusal_code, refusal_args, classifier_id, division_id, unit_id, station_no, user_id, pos_user, reason_id, remarks, holder_id, card_code, idem_key, attempt_no, fingerprint, attempt_stamp, occurred_at, occurred_off, recorded_at, business_date, shift_date, shift_no, ext_id, ext_index, ext_date, order_guid, check_no, chmode, check_total, check_discount, paid_accounts, earn_base_sum, reverses_id, batch_id, rule_version, trace_hash, doc_hash, prev_hash, hash) VALUES (@operation_id, @writer_id, @chain_no, @kind, @status, @refusal_code, @refusal_args, @classifier_id, @division_id, @unit_id, @station_no, @user_id, @pos_user, @reason_id, @remarks, @holder_id, @card_code, @idem_key, @attempt_no, @fingerprint, @attempt_stamp, @occurred_at, @occurred_off, @recorded_at, @business_date, @shift_date, @shift_no, @ext_id, @ext_index, @ext_date, @order_guid, @check_no, @chmode, @check_total, @check_discount, @paid_accounts, @earn_base_sum, @reverses_id, @batch_id, @rule_version, @trace_hash, @doc_hash, @prev_hash, @hash);

-- BookWriter.pins
UPDATE crm_hold_lot SET amount=@amount WHERE crm_hold_lot.hold_id = @key_hold_id AND crm_hold_lot.lot_id = @key_lot_id;

-- FactsReader.accounts
SELECT crm_account.account_id, crm_account.owner_kind, crm_account.holder_id, crm_account.certificate_id, crm_account.account_type_id, crm_account.state, crm_account.block_reason, crm_account.level_id, crm_account.level_since, crm_account.level_keep_until, crm_account.auto_change_levels, crm_account.credit_depth, crm_account.scheme_id, crm_account.opened_at, crm_account.valid_to, crm_account.merged_into, crm_account.balance, crm_account.pending, crm_account.held, crm_account.uncovered, crm_account.next_lot_event_at, crm_account.last_operation_at
FROM crm_account
WHERE crm_account.holder_id IN (@k0) AND crm_account.state <> 3;

-- FactsReader.burnt.brought_back
SELECT crm_lot.parent_lot_id, crm_lot.amount
FROM crm_lot JOIN crm_entry ON crm_entry.entry_id = crm_lot.entry_id
WHERE crm_entry.account_id IN (@k0) AND crm_entry.purpose = @purpose_1 AND crm_lot.parent_lot_id IS NOT NULL;

-- FactsReader.burnt.burnt
SELECT crm_entry.account_id, crm_allocation.lot_id, crm_allocation.amount, crm_operation.recorded_at
FROM crm_entry JOIN crm_allocation ON crm_allocation.entry_id = crm_entry.entry_id JOIN crm_operation ON crm_operation.operation_id = crm_allocation.operation_id
WHERE crm_entry.account_id IN (@k0) AND crm_entry.purpose = @purpose_1;

-- FactsReader.burnt.lots
SELECT crm_lot.lot_id, crm_lot.account_id, crm_lot.entry_id, crm_lot.line, crm_lot.operation_id, crm_lot.amount, crm_lot.origin, crm_lot.parent_lot_id, crm_lot.issued_unit_id, crm_lot.available_at, crm_lot.first_expires_on, crm_lot.first_expires_at, crm_lot.expires_on, crm_lot.expires_at, crm_lot.remaining, crm_lot.held, crm_lot.state
FROM crm_lot
WHERE crm_lot.lot_id IN (@k0);

-- FactsReader.card_accounts
SELECT crm_card_account.card_code, crm_card_account.account_id, crm_card_account.credit_depth, crm_card_account.credit_limit
FROM crm_card_account
WHERE crm_card_account.card_code IN (@k0);

-- FactsReader.card_classifiers
SELECT crm_card_classifier.card_code, crm_card_classifier.classifier_id
FROM crm_card_classifier
WHERE crm_card_classifier.card_code IN (@k0);

-- FactsReader.cards
SELECT crm_card.card_code, crm_card.holder_id, crm_card.owner_holder_id, crm_card.state, crm_card.block_reason, crm_card.seize, crm_card.confirm_manager, crm_card.group_id, crm_card.kind, crm_card.valid_from, crm_card.valid_to, crm_card.carrier_data, crm_card.limited_accounts, crm_card.replaced_by, CASE WHEN (EXISTS (SELECT *
FROM crm_card_classifier
WHERE crm_card_classifier.card_code = crm_card.card_code)) THEN @param_1 ELSE @param_2 END AS has_classifiers
FROM crm_card
WHERE crm_card.card_code IN (@k0);

-- FactsReader.carriers
SELECT crm_card.carrier_data, crm_card.card_code
FROM crm_card
WHERE crm_card.carrier_data IN (@k0) AND crm_card.deleted_at IS NULL;

-- FactsReader.coupons.by_code
SELECT crm_coupon.coupon_id, crm_coupon.code, crm_coupon.coupon_type_id, crm_coupon.holder_id, crm_coupon.state, crm_coupon.valid_from, crm_coupon.valid_to, crm_coupon.uses, crm_coupon.all_classifiers, crm_coupon.notes, crm_coupon.block_reason, crm_coupon.reserved_until, crm_coupon.value, crm_coupon.created_at
FROM crm_coupon
WHERE crm_coupon.code IN (@k0) AND crm_coupon.deleted_at IS NULL;

-- FactsReader.coupons.by_holder
SELECT crm_coupon.coupon_id, crm_coupon.code, crm_coupon.coupon_type_id, crm_coupon.holder_id, crm_coupon.state, crm_coupon.valid_from, crm_coupon.valid_to, crm_coupon.uses, crm_coupon.all_classifiers, crm_coupon.notes, crm_coupon.block_reason, crm_coupon.reserved_until, crm_coupon.value, crm_coupon.created_at
FROM crm_coupon
WHERE crm_coupon.holder_id IN (@k0) AND crm_coupon.deleted_at IS NULL AND crm_coupon.state = 2;

-- FactsReader.coupons.by_id
SELECT crm_coupon.coupon_id, crm_coupon.code, crm_coupon.coupon_type_id, crm_coupon.holder_id, crm_coupon.state, crm_coupon.valid_from, crm_coupon.valid_to, crm_coupon.uses, crm_coupon.all_classifiers, crm_coupon.notes, crm_coupon.block_reason, crm_coupon.reserved_until, crm_coupon.value, crm_coupon.created_at
FROM crm_coupon
WHERE crm_coupon.coupon_id IN (@k0) AND crm_coupon.deleted_at IS NULL;

-- FactsReader.coupons.holder_uses
SELECT crm_operation.holder_id, crm_coupon.coupon_type_id, crm_operation.occurred_at, crm_coupon_use.undoes_use_id
FROM crm_operation JOIN crm_coupon_use ON crm_coupon_use.operation_id = crm_operation.operation_id JOIN crm_coupon ON crm_coupon.coupon_id = crm_coupon_use.coupon_id
WHERE crm_operation.holder_id IN (@k0);

-- FactsReader.coupons.links
SELECT crm_coupon_classifier.coupon_id, crm_coupon_classifier.classifier_id
FROM crm_coupon_classifier
WHERE crm_coupon_classifier.coupon_id IN (@k0);

-- FactsReader.coupons.uses
SELECT crm_coupon_use.coupon_use_id, crm_coupon_use.coupon_id, crm_coupon_use.operation_id, crm_coupon_use.check_total, crm_coupon_use.value, crm_coupon_use.undoes_use_id, CASE WHEN (EXISTS (SELECT *
FROM crm_coupon_use AS undo
WHERE undo.coupon_id = crm_coupon_use.coupon_id AND undo.undoes_use_id = crm_coupon_use.coupon_use_id)) THEN @param_1 ELSE @param_2 END AS undone
FROM crm_coupon_use
WHERE crm_coupon_use.operation_id IN (@k0);

-- FactsReader.history.by_entry
SELECT crm_allocation.allocation_id, crm_allocation.lot_id, crm_allocation.entry_id, crm_allocation.operation_id, crm_allocation.amount, crm_allocation.restores_id
FROM crm_allocation
WHERE crm_allocation.entry_id IN (@k0);

-- FactsReader.history.by_lot
SELECT crm_allocation.allocation_id, crm_allocation.lot_id, crm_allocation.entry_id, crm_allocation.operation_id, crm_allocation.amount, crm_allocation.restores_id
FROM crm_allocation
WHERE crm_allocation.lot_id IN (@k0);

-- FactsReader.history.by_operation
SELECT crm_allocation.allocation_id, crm_allocation.lot_id, crm_allocation.entry_id, crm_allocation.operation_id, crm_allocation.amount, crm_allocation.restores_id
FROM crm_allocation
WHERE crm_allocation.operation_id IN (@k0);

-- FactsReader.history.entries
SELECT crm_entry.entry_id, crm_entry.operation_id, crm_entry.line_no, crm_entry.account_id, crm_entry.account_type_id, crm_entry.amount, crm_entry.balance_after, crm_entry.purpose, crm_entry.reverses_entry_id, crm_entry.pos_amount, crm_entry.k_bp, crm_entry.scheme_id, crm_entry.level_id, crm_entry.campaign_version_id, crm_entry.rate_bp, crm_entry.business_date
FROM crm_entry
WHERE crm_entry.operation_id IN (@k0);

-- FactsReader.history.events
SELECT crm_hold_event.hold_id, crm_hold_event.operation_id, crm_hold_event.event, crm_hold_event.amount
FROM crm_hold_event
WHERE crm_hold_event.operation_id IN (@k0);

-- FactsReader.history.expired
SELECT crm_entry.entry_id, crm_entry.operation_id, crm_entry.line_no, crm_entry.account_id, crm_entry.account_type_id, crm_entry.amount, crm_entry.balance_after, crm_entry.purpose, crm_entry.reverses_entry_id, crm_entry.pos_amount, crm_entry.k_bp, crm_entry.scheme_id, crm_entry.level_id, crm_entry.campaign_version_id, crm_entry.rate_bp, crm_entry.business_date
FROM crm_entry
WHERE crm_entry.entry_id IN (@k0) AND crm_entry.purpose = @purpose_1;

-- FactsReader.history.holds
SELECT crm_hold.hold_id, crm_hold.account_id, crm_hold.holder_id, crm_hold.card_code, crm_hold.classifier_id, crm_hold.unit_id, crm_hold.open_operation_id, crm_hold.amount, crm_hold.captured, crm_hold.state, crm_hold.expires_at, crm_hold.purpose, crm_hold.order_guid
FROM crm_hold
WHERE crm_hold.open_operation_id IN (@k0);

-- FactsReader.history.levels
SELECT crm_level_history.account_id, crm_level_history.operation_id, crm_level_history.old_level_id, crm_level_history.new_level_id, crm_level_history.cause, crm_level_history.measure, crm_level_history.effective_at
FROM crm_level_history
WHERE crm_level_history.operation_id IN (@k0);

-- FactsReader.history.lots
SELECT crm_lot.lot_id, crm_lot.account_id, crm_lot.entry_id, crm_lot.line, crm_lot.operation_id, crm_lot.amount, crm_lot.origin, crm_lot.parent_lot_id, crm_lot.issued_unit_id, crm_lot.available_at, crm_lot.first_expires_on, crm_lot.first_expires_at, crm_lot.expires_on, crm_lot.expires_at, crm_lot.remaining, crm_lot.held, crm_lot.state
FROM crm_lot
WHERE crm_lot.lot_id IN (@k0);

-- FactsReader.history.lots_made
SELECT crm_lot.lot_id, crm_lot.account_id, crm_lot.entry_id, crm_lot.line, crm_lot.operation_id, crm_lot.amount, crm_lot.origin, crm_lot.parent_lot_id, crm_lot.issued_unit_id, crm_lot.available_at, crm_lot.first_expires_on, crm_lot.first_expires_at, crm_lot.expires_on, crm_lot.expires_at, crm_lot.remaining, crm_lot.held, crm_lot.state
FROM crm_lot
WHERE crm_lot.entry_id IN (@k0);

-- FactsReader.history.operations
SELECT crm_operation.operation_id, crm_operation.writer_id, crm_operation.chain_no, crm_operation.kind, crm_operation.status, crm_operation.refusal_code, crm_operation.refusal_args, crm_operation.classifier_id, crm_operation.division_id, crm_operation.unit_id, crm_operation.station_no, crm_operation.user_id, crm_operation.pos_user, crm_operation.reason_id, crm_operation.remarks, crm_operation.holder_id, crm_operation.card_code, crm_operation.idem_key, crm_operation.attempt_no, crm_operation.fingerprint, crm_operation.attempt_stamp, crm_operation.occurred_at, crm_operation.occurred_off, crm_operation.recorded_at, crm_operation.business_date, crm_operation.shift_date, crm_operation.shift_no, crm_operation.ext_id, crm_operation.ext_index, crm_operation.ext_date, crm_operation.order_guid, crm_operation.check_no, crm_operation.chmode, crm_operation.check_total, crm_operation.check_discount, crm_operation.paid_accounts, crm_operation.earn_base_sum, crm_operation.reverses_id, crm_operation.batch_id, crm_operation.rule_version, crm_operation.trace_hash, crm_operation.doc_hash, crm_operation.prev_hash, crm_operation.hash
FROM crm_operation
WHERE crm_operation.operation_id IN (@k0);

-- FactsReader.history.reversing
SELECT crm_operation.operation_id, crm_operation.writer_id, crm_operation.chain_no, crm_operation.kind, crm_operation.status, crm_operation.refusal_code, crm_operation.refusal_args, crm_operation.classifier_id, crm_operation.division_id, crm_operation.unit_id, crm_operation.station_no, crm_operation.user_id, crm_operation.pos_user, crm_operation.reason_id, crm_operation.remarks, crm_operation.holder_id, crm_operation.card_code, crm_operation.idem_key, crm_operation.attempt_no, crm_operation.fingerprint, crm_operation.attempt_stamp, crm_operation.occurred_at, crm_operation.occurred_off, crm_operation.recorded_at, crm_operation.business_date, crm_operation.shift_date, crm_operation.shift_no, crm_operation.ext_id, crm_operation.ext_index, crm_operation.ext_date, crm_operation.order_guid, crm_operation.check_no, crm_operation.chmode, crm_operation.check_total, crm_operation.check_discount, crm_operation.paid_accounts, crm_operation.earn_base_sum, crm_operation.reverses_id, crm_operation.batch_id, crm_operation.rule_version, crm_operation.trace_hash, crm_operation.doc_hash, crm_operation.prev_hash, crm_operation.hash
FROM crm_operation
WHERE crm_operation.reverses_id IN (@k0) AND crm_operation.status = @status_1;

-- FactsReader.history.terms
SELECT crm_lot_term.lot_id, crm_lot_term.operation_id, crm_lot_term.old_expires_at, crm_lot_term.new_expires_at
FROM crm_lot_term
WHERE crm_lot_term.operation_id IN (@k0);

-- FactsReader.history.traces
SELECT crm_operation_trace.operation_id, crm_operation_trace.trace
FROM crm_operation_trace
WHERE crm_operation_trace.operation_id IN (@k0);

-- FactsReader.history.uses
SELECT crm_coupon_use.coupon_use_id, crm_coupon_use.coupon_id, crm_coupon_use.operation_id, crm_coupon_use.check_total, crm_coupon_use.value, crm_coupon_use.undoes_use_id
FROM crm_coupon_use
WHERE crm_coupon_use.operation_id IN (@k0);

-- FactsReader.holders
SELECT crm_holder.holder_id, crm_holder.pos_number, crm_holder.division_id, crm_holder.group_id, crm_holder.non_payer_type_id, crm_holder.state, crm_holder.merged_into, CASE WHEN (crm_holder.deleted_at IS NOT NULL) THEN @param_1 ELSE @param_2 END AS is_deleted
FROM crm_holder
WHERE crm_holder.holder_id IN (@k0);

-- FactsReader.holds
SELECT crm_hold.hold_id, crm_hold.account_id, crm_hold.holder_id, crm_hold.card_code, crm_hold.classifier_id, crm_hold.unit_id, crm_hold.open_operation_id, crm_hold.amount, crm_hold.captured, crm_hold.state, crm_hold.expires_at, crm_hold.purpose, crm_hold.order_guid
FROM crm_hold
WHERE crm_hold.hold_id IN (@k0);

-- FactsReader.lots.allocated
SELECT crm_allocation.entry_id, sum(crm_allocation.amount) AS total
FROM crm_allocation
WHERE crm_allocation.entry_id IN (@k0) GROUP BY crm_allocation.entry_id;

-- FactsReader.lots.debits
SELECT crm_entry.entry_id, crm_entry.operation_id, crm_entry.line_no, crm_entry.account_id, crm_entry.account_type_id, crm_entry.amount, crm_entry.balance_after, crm_entry.purpose, crm_entry.reverses_entry_id, crm_entry.pos_amount, crm_entry.k_bp, crm_entry.scheme_id, crm_entry.level_id, crm_entry.campaign_version_id, crm_entry.rate_bp, crm_entry.business_date
FROM crm_entry
WHERE crm_entry.account_id IN (@k0) AND crm_entry.amount < @amount_1;

-- FactsReader.lots.hold_lots
SELECT crm_hold_lot.hold_id, crm_hold_lot.lot_id, crm_hold_lot.amount
FROM crm_hold_lot
WHERE crm_hold_lot.hold_id IN (@k0);

-- FactsReader.lots.holds
SELECT crm_hold.hold_id, crm_hold.account_id, crm_hold.holder_id, crm_hold.card_code, crm_hold.classifier_id, crm_hold.unit_id, crm_hold.open_operation_id, crm_hold.amount, crm_hold.captured, crm_hold.state, crm_hold.expires_at, crm_hold.purpose, crm_hold.order_guid
FROM crm_hold
WHERE crm_hold.account_id IN (@k0) AND crm_hold.state IN (1, 2);

-- FactsReader.lots.lots
SELECT crm_lot.lot_id, crm_lot.account_id, crm_lot.entry_id, crm_lot.line, crm_lot.operation_id, crm_lot.amount, crm_lot.origin, crm_lot.parent_lot_id, crm_lot.issued_unit_id, crm_lot.available_at, crm_lot.first_expires_on, crm_lot.first_expires_at, crm_lot.expires_on, crm_lot.expires_at, crm_lot.remaining, crm_lot.held, crm_lot.state
FROM crm_lot
WHERE crm_lot.account_id IN (@k0) AND crm_lot.remaining > 0;

-- FactsReader.lots.reversed
SELECT crm_entry.reverses_entry_id, sum(crm_entry.amount) AS total
FROM crm_entry
WHERE crm_entry.reverses_entry_id IN (@k0) GROUP BY crm_entry.reverses_entry_id;

-- FactsReader.operations.by_entry
SELECT crm_entry.entry_id, crm_entry.operation_id
FROM crm_entry
WHERE crm_entry.entry_id IN (@k0);

-- FactsReader.operations.by_item
SELECT crm_operation_item.transaction_id, crm_operation_item.operation_id
FROM crm_operation_item
WHERE crm_operation_item.transaction_id IN (@k0);

-- FactsReader.operations.ext
SELECT crm_operation.operation_id, crm_operation.writer_id, crm_operation.chain_no, crm_operation.kind, crm_operation.status, crm_operation.refusal_code, crm_operation.refusal_args, crm_operation.classifier_id, crm_operation.division_id, crm_operation.unit_id, crm_operation.station_no, crm_operation.user_id, crm_operation.pos_user, crm_operation.reason_id, crm_operation.remarks, crm_operation.holder_id, crm_operation.card_code, crm_operation.idem_key, crm_operation.attempt_no, crm_operation.fingerprint, crm_operation.attempt_stamp, crm_operation.occurred_at, crm_operation.occurred_off, crm_operation.recorded_at, crm_operation.business_date, crm_operation.shift_date, crm_operation.shift_no, crm_operation.ext_id, crm_operation.ext_index, crm_operation.ext_date, crm_operation.order_guid, crm_operation.check_no, crm_operation.chmode, crm_operation.check_total, crm_operation.check_discount, crm_operation.paid_accounts, crm_operation.earn_base_sum, crm_operation.reverses_id, crm_operation.batch_id, crm_operation.rule_version, crm_operation.trace_hash, crm_operation.doc_hash, crm_operation.prev_hash, crm_operation.hash
FROM crm_operation
WHERE crm_operation.ext_id IN (@k0) AND crm_operation.status = @status_1;

-- FactsReader.operations.items
SELECT crm_operation_item.operation_id, crm_operation_item.item_no, crm_operation_item.classifier_id, crm_operation_item.item_key, crm_operation_item.attempt_no, crm_operation_item.fingerprint, crm_operation_item.ext_index, crm_operation_item.operation_type, crm_operation_item.transaction_id
FROM crm_operation_item
WHERE crm_operation_item.item_key IN (@k0);

-- FactsReader.operations.keys
SELECT crm_operation.operation_id, crm_operation.writer_id, crm_operation.chain_no, crm_operation.kind, crm_operation.status, crm_operation.refusal_code, crm_operation.refusal_args, crm_operation.classifier_id, crm_operation.division_id, crm_operation.unit_id, crm_operation.station_no, crm_operation.user_id, crm_operation.pos_user, crm_operation.reason_id, crm_operation.remarks, crm_operation.holder_id, crm_operation.card_code, crm_operation.idem_key, crm_operation.attempt_no, crm_operation.fingerprint, crm_operation.attempt_stamp, crm_operation.occurred_at, crm_operation.occurred_off, crm_operation.recorded_at, crm_operation.business_date, crm_operation.shift_date, crm_operation.shift_no, crm_operation.ext_id, crm_operation.ext_index, crm_operation.ext_date, crm_operation.order_guid, crm_operation.check_no, crm_operation.chmode, crm_operation.check_total, crm_operation.check_discount, crm_operation.paid_accounts, crm_operation.earn_base_sum, crm_operation.reverses_id, crm_operation.batch_id, crm_operation.rule_version, crm_operation.trace_hash, crm_operation.doc_hash, crm_operation.prev_hash, crm_operation.hash
FROM crm_operation
WHERE crm_operation.idem_key IN (@k0);

-- FactsReader.operations.operations
SELECT crm_operation.operation_id, crm_operation.writer_id, crm_operation.chain_no, crm_operation.kind, crm_operation.status, crm_operation.refusal_code, crm_operation.refusal_args, crm_operation.classifier_id, crm_operation.division_id, crm_operation.unit_id, crm_operation.station_no, crm_operation.user_id, crm_operation.pos_user, crm_operation.reason_id, crm_operation.remarks, crm_operation.holder_id, crm_operation.card_code, crm_operation.idem_key, crm_operation.attempt_no, crm_operation.fingerprint, crm_operation.attempt_stamp, crm_operation.occurred_at, crm_operation.occurred_off, crm_operation.recorded_at, crm_operation.business_date, crm_operation.shift_date, crm_operation.shift_no, crm_operation.ext_id, crm_operation.ext_index, crm_operation.ext_date, crm_operation.order_guid, crm_operation.check_no, crm_operation.chmode, crm_operation.check_total, crm_operation.check_discount, crm_operation.paid_accounts, crm_operation.earn_base_sum, crm_operation.reverses_id, crm_operation.batch_id, crm_operation.rule_version, crm_operation.trace_hash, crm_operation.doc_hash, crm_operation.prev_hash, crm_operation.hash
FROM crm_operation
WHERE crm_operation.operation_id IN (@k0);

-- FactsReader.operations.orders
SELECT crm_operation.operation_id, crm_operation.writer_id, crm_operation.chain_no, crm_operation.kind, crm_operation.status, crm_operation.refusal_code, crm_operation.refusal_args, crm_operation.classifier_id, crm_operation.division_id, crm_operation.unit_id, crm_operation.station_no, crm_operation.user_id, crm_operation.pos_user, crm_operation.reason_id, crm_operation.remarks, crm_operation.holder_id, crm_operation.card_code, crm_operation.idem_key, crm_operation.attempt_no, crm_operation.fingerprint, crm_operation.attempt_stamp, crm_operation.occurred_at, crm_operation.occurred_off, crm_operation.recorded_at, crm_operation.business_date, crm_operation.shift_date, crm_operation.shift_no, crm_operation.ext_id, crm_operation.ext_index, crm_operation.ext_date, crm_operation.order_guid, crm_operation.check_no, crm_operation.chmode, crm_operation.check_total, crm_operation.check_discount, crm_operation.paid_accounts, crm_operation.earn_base_sum, crm_operation.reverses_id, crm_operation.batch_id, crm_operation.rule_version, crm_operation.trace_hash, crm_operation.doc_hash, crm_operation.prev_hash, crm_operation.hash
FROM crm_operation
WHERE crm_operation.order_guid IN (@k0);

-- FactsReader.operations.rollbacks
SELECT crm_operation.operation_id, crm_operation.writer_id, crm_operation.chain_no, crm_operation.kind, crm_operation.status, crm_operation.refusal_code, crm_operation.refusal_args, crm_operation.classifier_id, crm_operation.division_id, crm_operation.unit_id, crm_operation.station_no, crm_operation.user_id, crm_operation.pos_user, crm_operation.reason_id, crm_operation.remarks, crm_operation.holder_id, crm_operation.card_code, crm_operation.idem_key, crm_operation.attempt_no, crm_operation.fingerprint, crm_operation.attempt_stamp, crm_operation.occurred_at, crm_operation.occurred_off, crm_operation.recorded_at, crm_operation.business_date, crm_operation.shift_date, crm_operation.shift_no, crm_operation.ext_id, crm_operation.ext_index, crm_operation.ext_date, crm_operation.order_guid, crm_operation.check_no, crm_operation.chmode, crm_operation.check_total, crm_operation.check_discount, crm_operation.paid_accounts, crm_operation.earn_base_sum, crm_operation.reverses_id, crm_operation.batch_id, crm_operation.rule_version, crm_operation.trace_hash, crm_operation.doc_hash, crm_operation.prev_hash, crm_operation.hash
FROM crm_operation
WHERE crm_operation.reverses_id IN (@k0) AND crm_operation.status = @status_1 AND crm_operation.kind IN (@kind_1_1, @kind_1_2);

-- FactsReader.ownerless
SELECT crm_account.account_id, crm_account.owner_kind, crm_account.holder_id, crm_account.certificate_id, crm_account.account_type_id, crm_account.state, crm_account.block_reason, crm_account.level_id, crm_account.level_since, crm_account.level_keep_until, crm_account.auto_change_levels, crm_account.credit_depth, crm_account.scheme_id, crm_account.opened_at, crm_account.valid_to, crm_account.merged_into, crm_account.balance, crm_account.pending, crm_account.held, crm_account.uncovered, crm_account.next_lot_event_at, crm_account.last_operation_at
FROM crm_account
WHERE crm_account.account_id IN (@k0) AND crm_account.state <> 3;

-- FactsReader.owners
SELECT crm_account.account_id, crm_account.holder_id
FROM crm_account
WHERE crm_account.account_id IN (@k0);

-- FactsReader.people.contacts
SELECT crm_contact.contact_id, crm_contact.holder_id, crm_contact.contact_type_id, crm_contact_type.name, crm_contact_type.external_code, crm_contact_type.class AS contact_class, crm_contact.value, crm_contact.value_ext, crm_contact.dispatch, crm_contact.notes
FROM crm_contact JOIN crm_contact_type ON crm_contact_type.contact_type_id = crm_contact.contact_type_id
WHERE crm_contact.holder_id IN (@k0) AND crm_contact.deleted_at IS NULL;

-- FactsReader.people.counts
SELECT crm_holder.holder_id, (SELECT count(*) AS count_1
FROM crm_card
WHERE crm_card.holder_id = crm_holder.holder_id AND crm_card.state != @state_1 AND crm_card.deleted_at IS NULL) AS cards, (SELECT count(*) AS count_2
FROM crm_contact
WHERE crm_contact.holder_id = crm_holder.holder_id AND crm_contact.deleted_at IS NULL) AS contacts
FROM crm_holder
WHERE crm_holder.holder_id IN (@k0);

-- FactsReader.people.people
SELECT crm_holder.holder_id, crm_holder.pos_number, crm_holder.division_id, crm_holder.group_id, crm_holder.non_payer_type_id, crm_holder.external_code, crm_holder.verified, crm_holder.state, crm_holder.merged_into, CASE WHEN (crm_holder.deleted_at IS NOT NULL) THEN @param_1 ELSE @param_2 END AS is_deleted, crm_person.l_name, crm_person.f_name, crm_person.m_name, crm_person.full_name, crm_person.birth_date, crm_person.gender, crm_person.marital, crm_person.smokes, crm_person.language, crm_person.source, crm_person.remarks, crm_person.inn, crm_person_photo.holder_id AS photo_of
FROM crm_holder LEFT OUTER JOIN crm_person ON crm_person.holder_id = crm_holder.holder_id LEFT OUTER JOIN crm_person_photo ON crm_person_photo.holder_id = crm_holder.holder_id
WHERE crm_holder.holder_id IN (@k0);

-- FactsReader.phones
SELECT crm_contact.value_norm, crm_card.card_code
FROM crm_contact JOIN crm_contact_type ON crm_contact_type.contact_type_id = crm_contact.contact_type_id JOIN crm_card ON crm_card.holder_id = crm_contact.holder_id
WHERE crm_contact.value_norm IN (@k0) AND crm_contact_type.class = @class_1 AND crm_contact.deleted_at IS NULL ORDER BY crm_card.card_code;

-- verify.2.9 rolled back
SELECT TOP 100 crm_operation.reverses_id, @param_2 AS anon_1, count(*) AS count_1
FROM crm_operation
WHERE crm_operation.kind IN (@kind_1_1, @kind_1_2) AND crm_operation.status = @status_1 AND crm_operation.reverses_id IS NOT NULL AND crm_operation.chain_no >= @chain_no_1 GROUP BY crm_operation.reverses_id
HAVING count(*) > @count_2;

-- verify.I-1 house
SELECT TOP 100 crm_entry.entry_id, @param_2 AS anon_1, crm_account.account_id
FROM crm_entry JOIN crm_account ON crm_account.account_id = crm_entry.account_id JOIN crm_operation ON crm_operation.operation_id = crm_entry.operation_id
WHERE crm_account.owner_kind = @owner_kind_1 AND crm_operation.chain_no >= @chain_no_1;

-- verify.I-17 operation
SELECT TOP 100 crm_lot.lot_id, coalesce(crm_entry.operation_id, @coalesce_2) AS coalesce_1, crm_lot.operation_id
FROM crm_lot LEFT OUTER JOIN crm_entry ON crm_entry.entry_id = crm_lot.entry_id
WHERE crm_entry.entry_id IS NULL OR crm_entry.operation_id != crm_lot.operation_id;

-- verify.I-2 transfer
SELECT TOP 100 crm_operation.operation_id, @param_2 AS anon_1, sum(crm_entry.amount) AS sum_1
FROM crm_operation JOIN crm_entry ON crm_entry.operation_id = crm_operation.operation_id JOIN crm_account_type ON crm_account_type.account_type_id = crm_entry.account_type_id
WHERE crm_operation.kind = @kind_1 AND crm_operation.chain_no >= @chain_no_1 GROUP BY crm_operation.operation_id, crm_account_type.value_unit
HAVING sum(crm_entry.amount) != @sum_2;

-- verify.I-30 reversals
SELECT TOP 100 crm_entry.entry_id, abs(crm_entry.amount) AS abs_1, sum(abs(back.amount)) AS sum_1
FROM crm_entry JOIN crm_entry AS back ON back.reverses_entry_id = crm_entry.entry_id
WHERE crm_entry.entry_id IN (SELECT crm_entry.reverses_entry_id
FROM crm_entry JOIN crm_operation ON crm_operation.operation_id = crm_entry.operation_id
WHERE crm_operation.chain_no >= @chain_no_1 AND crm_entry.reverses_entry_id IS NOT NULL) GROUP BY crm_entry.entry_id, crm_entry.amount
HAVING sum(abs(back.amount)) > abs(crm_entry.amount) OR sum(CASE WHEN (back.account_id != crm_entry.account_id) THEN @param_2 WHEN (back.amount > @amount_1 AND crm_entry.amount > @amount_2) THEN @param_3 WHEN (back.amount < @amount_3 AND crm_entry.amount < @amount_4) THEN @param_4 ELSE @param_5 END) > @sum_2;

-- verify.I-4 house
SELECT TOP 100 crm_account.account_id, @param_2 AS anon_1, coalesce(crm_account.balance, @coalesce_1) + crm_account.pending + crm_account.held + crm_account.uncovered AS anon_2
FROM crm_account
WHERE crm_account.owner_kind = @owner_kind_1 AND (crm_account.balance IS NOT NULL OR crm_account.pending != @pending_1 OR crm_account.held != @held_1 OR crm_account.uncovered != @uncovered_1);
