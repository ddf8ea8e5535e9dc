CREATE TABLE crm_address_type (
	address_type_id INTEGER NOT NULL,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_address_type_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_address_type_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_address_type_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_address_type PRIMARY KEY (address_type_id)
);
CREATE UNIQUE INDEX uq_crm_address_type_name ON crm_address_type (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_campaign (
	campaign_id INTEGER NOT NULL,
	state SMALLINT NOT NULL CONSTRAINT df_crm_campaign_state DEFAULT 1,
	current_version_id INTEGER NULL,
	owner_user_id INTEGER NULL,
	remarks NVARCHAR(500) NULL,
	name NVARCHAR(120) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_campaign_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_campaign_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_campaign_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_campaign PRIMARY KEY (campaign_id)
);
CREATE UNIQUE INDEX uq_crm_campaign_name ON crm_campaign (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_card_group (
	group_id INTEGER NOT NULL,
	parent_id INTEGER NULL,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_card_group_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_card_group_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_card_group_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_card_group PRIMARY KEY (group_id),
	CONSTRAINT fk_crm_card_group_parent_id FOREIGN KEY(parent_id) REFERENCES crm_card_group (group_id)
);
CREATE UNIQUE INDEX uq_crm_card_group_name ON crm_card_group (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_change_set (
	change_id BIGINT NOT NULL,
	at DATETIME2(3) NOT NULL,
	user_id INTEGER NULL,
	classifier_id INTEGER NULL,
	host NVARCHAR(60) NULL,
	application NVARCHAR(30) NULL,
	table_name NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	row_key NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	action SMALLINT NOT NULL,
	reason NVARCHAR(255) NULL,
	batch_id BIGINT NULL,
	CONSTRAINT pk_crm_change_set PRIMARY KEY (change_id)
);
CREATE INDEX ix_crm_change_set_at ON crm_change_set (at);
CREATE INDEX ix_crm_change_set_table_name_row_key ON crm_change_set (table_name, row_key);
CREATE TABLE crm_channel (
	channel_id INTEGER NOT NULL,
	kind SMALLINT NOT NULL,
	provider NVARCHAR(40) NOT NULL,
	settings NVARCHAR(max) NOT NULL,
	rate_per_minute INTEGER NOT NULL CONSTRAINT df_crm_channel_rate_per_minute DEFAULT 60,
	quiet_from SMALLINT NOT NULL CONSTRAINT df_crm_channel_quiet_from DEFAULT 1260,
	quiet_to SMALLINT NOT NULL CONSTRAINT df_crm_channel_quiet_to DEFAULT 540,
	quiet_weekend_to SMALLINT NULL,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_channel_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_channel_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_channel_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_channel PRIMARY KEY (channel_id)
);
CREATE UNIQUE INDEX uq_crm_channel_name ON crm_channel (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_classifier (
	classifier_id INTEGER NOT NULL,
	code NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	code_kind SMALLINT NOT NULL CONSTRAINT df_crm_classifier_code_kind DEFAULT 9,
	client_type NVARCHAR(15) NULL,
	external_code NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NULL,
	time_zone NVARCHAR(64) NOT NULL,
	day_start SMALLINT NOT NULL CONSTRAINT df_crm_classifier_day_start DEFAULT 240,
	api_visible BIT NOT NULL CONSTRAINT df_crm_classifier_api_visible DEFAULT 0,
	calc_mode SMALLINT NOT NULL CONSTRAINT df_crm_classifier_calc_mode DEFAULT 1,
	refund_unmatched SMALLINT NOT NULL CONSTRAINT df_crm_classifier_refund_unmatched DEFAULT 2,
	xml_key SMALLINT NOT NULL CONSTRAINT df_crm_classifier_xml_key DEFAULT 2,
	backdate_days INTEGER NOT NULL CONSTRAINT df_crm_classifier_backdate_days DEFAULT 3,
	future_minutes INTEGER NOT NULL CONSTRAINT df_crm_classifier_future_minutes DEFAULT 10,
	hold_minutes INTEGER NOT NULL CONSTRAINT df_crm_classifier_hold_minutes DEFAULT 60,
	pay_confirm SMALLINT NOT NULL CONSTRAINT df_crm_classifier_pay_confirm DEFAULT 0,
	wire_charset SMALLINT NOT NULL CONSTRAINT df_crm_classifier_wire_charset DEFAULT 1,
	late_capture BIT NOT NULL CONSTRAINT df_crm_classifier_late_capture DEFAULT 0,
	rate_limit INTEGER NOT NULL CONSTRAINT df_crm_classifier_rate_limit DEFAULT 0,
	last_seen_at DATETIME2(3) NULL,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_classifier_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_classifier_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_classifier_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_classifier PRIMARY KEY (classifier_id)
);
CREATE UNIQUE INDEX uq_crm_classifier_code ON crm_classifier (code) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX uq_crm_classifier_name ON crm_classifier (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_command_result (
	operation_id NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	user_id INTEGER NOT NULL,
	request NVARCHAR(60) NOT NULL,
	fingerprint VARBINARY(32) NOT NULL,
	reply NVARCHAR(max) NOT NULL,
	at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_command_result PRIMARY KEY (operation_id)
);
CREATE INDEX ix_crm_command_result_at ON crm_command_result (at);
CREATE TABLE crm_contact_type (
	contact_type_id INTEGER NOT NULL,
	class SMALLINT NOT NULL,
	external_code NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NULL,
	dispatch BIT NOT NULL CONSTRAINT df_crm_contact_type_dispatch DEFAULT 0,
	max_holders SMALLINT NULL CONSTRAINT df_crm_contact_type_max_holders DEFAULT 1,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_contact_type_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_contact_type_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_contact_type_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_contact_type PRIMARY KEY (contact_type_id)
);
CREATE UNIQUE INDEX uq_crm_contact_type_name ON crm_contact_type (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_country (
	country_id INTEGER NOT NULL,
	name NVARCHAR(40) NOT NULL,
	name_key NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_country PRIMARY KEY (country_id),
	CONSTRAINT uq_crm_country_name_key UNIQUE (name_key)
);
CREATE TABLE crm_division (
	division_id INTEGER NOT NULL,
	parent_id INTEGER NULL,
	id_prefix INTEGER NOT NULL,
	full_name NVARCHAR(120) NULL,
	is_main BIT NOT NULL CONSTRAINT df_crm_division_is_main DEFAULT 0,
	server_host NVARCHAR(60) NULL,
	inn NVARCHAR(12) NULL,
	books_closed_until DATETIME NULL,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_division_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_division_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_division_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_division PRIMARY KEY (division_id),
	CONSTRAINT fk_crm_division_parent_id FOREIGN KEY(parent_id) REFERENCES crm_division (division_id)
);
CREATE UNIQUE INDEX uq_crm_division_id_prefix ON crm_division (id_prefix) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX uq_crm_division_name ON crm_division (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_erasure (
	holder_id BIGINT NOT NULL,
	requested_at DATETIME2(3) NOT NULL,
	done_at DATETIME2(3) NULL,
	reason NVARCHAR(255) NOT NULL,
	user_id INTEGER NOT NULL,
	counts NVARCHAR(max) NULL,
	CONSTRAINT pk_crm_erasure PRIMARY KEY (holder_id)
);
CREATE TABLE crm_holder_group (
	group_id INTEGER NOT NULL,
	parent_id INTEGER NULL,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_holder_group_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_holder_group_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_holder_group_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_holder_group PRIMARY KEY (group_id),
	CONSTRAINT fk_crm_holder_group_parent_id FOREIGN KEY(parent_id) REFERENCES crm_holder_group (group_id)
);
CREATE UNIQUE INDEX uq_crm_holder_group_name ON crm_holder_group (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_id_counter (
	prefix INTEGER NOT NULL,
	kind NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	next_value BIGINT NOT NULL,
	CONSTRAINT pk_crm_id_counter PRIMARY KEY (prefix, kind)
);
CREATE TABLE crm_job (
	job_id INTEGER NOT NULL,
	code NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	schedule NVARCHAR(max) NOT NULL,
	window_from SMALLINT NULL,
	window_to SMALLINT NULL,
	params NVARCHAR(max) NULL,
	catch_up SMALLINT NOT NULL CONSTRAINT df_crm_job_catch_up DEFAULT 1,
	time_limit_s INTEGER NOT NULL CONSTRAINT df_crm_job_time_limit_s DEFAULT 3600,
	last_success_date DATETIME NULL,
	next_at DATETIME2(3) NULL,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_job_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_job_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_job_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_job PRIMARY KEY (job_id)
);
CREATE UNIQUE INDEX uq_crm_job_code ON crm_job (code) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX uq_crm_job_name ON crm_job (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_licence (
	licence_id INTEGER NOT NULL,
	number NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	object_code NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	metric SMALLINT NOT NULL,
	quantity INTEGER NOT NULL,
	valid_from DATETIME NOT NULL,
	valid_to DATETIME NULL,
	features NVARCHAR(max) NULL,
	file_body VARBINARY(max) NOT NULL,
	loaded_at DATETIME2(3) NOT NULL,
	loaded_by INTEGER NULL,
	state SMALLINT NOT NULL CONSTRAINT df_crm_licence_state DEFAULT 0,
	CONSTRAINT pk_crm_licence PRIMARY KEY (licence_id),
	CONSTRAINT uq_crm_licence_number UNIQUE (number)
);
CREATE TABLE crm_licence_count (
	on_date DATETIME NOT NULL,
	cards INTEGER NOT NULL,
	holders INTEGER NOT NULL,
	CONSTRAINT pk_crm_licence_count PRIMARY KEY (on_date)
);
CREATE TABLE crm_message_template (
	template_id INTEGER NOT NULL,
	channel_kind SMALLINT NOT NULL,
	purpose SMALLINT NOT NULL,
	subject NVARCHAR(200) NULL,
	body NVARCHAR(max) NOT NULL,
	language INTEGER NOT NULL CONSTRAINT df_crm_message_template_language DEFAULT 1049,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_message_template_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_message_template_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_message_template_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_message_template PRIMARY KEY (template_id)
);
CREATE UNIQUE INDEX uq_crm_message_template_name ON crm_message_template (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_non_payer_type (
	non_payer_type_id INTEGER NOT NULL,
	external_id INTEGER NULL,
	parent_id INTEGER NULL,
	forbid_order BIT NOT NULL CONSTRAINT df_crm_non_payer_type_forbid_order DEFAULT 0,
	forbid_topup BIT NOT NULL CONSTRAINT df_crm_non_payer_type_forbid_topup DEFAULT 0,
	notes NVARCHAR(500) NULL,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_non_payer_type_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_non_payer_type_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_non_payer_type_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_non_payer_type PRIMARY KEY (non_payer_type_id),
	CONSTRAINT fk_crm_non_payer_type_parent_id FOREIGN KEY(parent_id) REFERENCES crm_non_payer_type (non_payer_type_id)
);
CREATE UNIQUE INDEX uq_crm_non_payer_type_name ON crm_non_payer_type (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_property (
	property_id INTEGER NOT NULL,
	property_type SMALLINT NOT NULL,
	code_name NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	applies_to INTEGER NOT NULL,
	required BIT NOT NULL CONSTRAINT df_crm_property_required DEFAULT 0,
	is_personal BIT NOT NULL CONSTRAINT df_crm_property_is_personal DEFAULT 0,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_property_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_property_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_property_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_property PRIMARY KEY (property_id)
);
CREATE UNIQUE INDEX uq_crm_property_code_name ON crm_property (code_name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX uq_crm_property_name ON crm_property (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_reason (
	reason_id INTEGER NOT NULL,
	applies_to INTEGER NOT NULL CONSTRAINT df_crm_reason_applies_to DEFAULT 0,
	needs_text BIT NOT NULL CONSTRAINT df_crm_reason_needs_text DEFAULT 0,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_reason_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_reason_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_reason_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_reason PRIMARY KEY (reason_id)
);
CREATE UNIQUE INDEX uq_crm_reason_name ON crm_reason (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_report_form (
	report_form_id INTEGER NOT NULL,
	code NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	definition NVARCHAR(max) NOT NULL,
	name NVARCHAR(120) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_report_form_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_report_form_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_report_form_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_report_form PRIMARY KEY (report_form_id)
);
CREATE UNIQUE INDEX uq_crm_report_form_code ON crm_report_form (code) WHERE deleted_at IS NULL;
CREATE TABLE crm_rfm_profile (
	rfm_profile_id INTEGER NOT NULL,
	period_days INTEGER NOT NULL CONSTRAINT df_crm_rfm_profile_period_days DEFAULT 365,
	r_bounds NVARCHAR(max) NOT NULL,
	f_bounds NVARCHAR(max) NOT NULL,
	m_bounds NVARCHAR(max) NOT NULL,
	account_type_id INTEGER NULL,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_rfm_profile_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_rfm_profile_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_rfm_profile_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_rfm_profile PRIMARY KEY (rfm_profile_id)
);
CREATE UNIQUE INDEX uq_crm_rfm_profile_name ON crm_rfm_profile (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_role (
	role_id INTEGER NOT NULL,
	is_builtin BIT NOT NULL CONSTRAINT df_crm_role_is_builtin DEFAULT 0,
	amount_limit BIGINT NULL,
	unmask_per_day INTEGER NOT NULL CONSTRAINT df_crm_role_unmask_per_day DEFAULT 50,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_role_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_role_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_role_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_role PRIMARY KEY (role_id)
);
CREATE UNIQUE INDEX uq_crm_role_name ON crm_role (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_schema_version (
	schema_version_id INTEGER NOT NULL,
	major INTEGER NOT NULL,
	minor INTEGER NOT NULL,
	product NVARCHAR(40) NOT NULL,
	applied_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_schema_version PRIMARY KEY (schema_version_id)
);
CREATE TABLE crm_scheme (
	scheme_id INTEGER NOT NULL,
	base_rate INTEGER NOT NULL CONSTRAINT df_crm_scheme_base_rate DEFAULT 0,
	external_id INTEGER NULL,
	limit_amount BIGINT NULL,
	remarks NVARCHAR(500) NULL,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_scheme_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_scheme_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_scheme_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_scheme PRIMARY KEY (scheme_id)
);
CREATE UNIQUE INDEX uq_crm_scheme_name ON crm_scheme (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_segment (
	segment_id INTEGER NOT NULL,
	kind SMALLINT NOT NULL,
	definition NVARCHAR(max) NOT NULL,
	refresh SMALLINT NOT NULL CONSTRAINT df_crm_segment_refresh DEFAULT 1,
	last_count INTEGER NULL,
	last_run_at DATETIME2(3) NULL,
	remarks NVARCHAR(500) NULL,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_segment_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_segment_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_segment_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_segment PRIMARY KEY (segment_id)
);
CREATE UNIQUE INDEX uq_crm_segment_name ON crm_segment (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_setting (
	setting_key NVARCHAR(80) COLLATE Latin1_General_100_BIN2 NOT NULL,
	scope SMALLINT NOT NULL,
	scope_id INTEGER NOT NULL CONSTRAINT df_crm_setting_scope_id DEFAULT 0,
	value NVARCHAR(2000) NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_setting_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_setting PRIMARY KEY (setting_key, scope, scope_id)
);
CREATE TABLE crm_stacking_group (
	stacking_group_id INTEGER NOT NULL,
	mode SMALLINT NOT NULL,
	max_applied INTEGER NULL,
	exclusive BIT NOT NULL CONSTRAINT df_crm_stacking_group_exclusive DEFAULT 0,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_stacking_group_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_stacking_group_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_stacking_group_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_stacking_group PRIMARY KEY (stacking_group_id)
);
CREATE UNIQUE INDEX uq_crm_stacking_group_name ON crm_stacking_group (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_test_contact (
	value_norm NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
	note NVARCHAR(200) NULL,
	CONSTRAINT pk_crm_test_contact PRIMARY KEY (value_norm)
);
CREATE TABLE crm_time_set (
	time_id INTEGER NOT NULL,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_time_set_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_time_set_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_time_set_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_time_set PRIMARY KEY (time_id)
);
CREATE UNIQUE INDEX uq_crm_time_set_name ON crm_time_set (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_user (
	user_id INTEGER NOT NULL,
	login NVARCHAR(60) NOT NULL,
	full_name NVARCHAR(100) NOT NULL,
	password_hash NVARCHAR(200) NOT NULL,
	must_change BIT NOT NULL CONSTRAINT df_crm_user_must_change DEFAULT 1,
	password_at DATETIME2(3) NULL,
	expires_on DATETIME NULL,
	is_blocked BIT NOT NULL CONSTRAINT df_crm_user_is_blocked DEFAULT 0,
	failed_count SMALLINT NOT NULL CONSTRAINT df_crm_user_failed_count DEFAULT 0,
	locked_until DATETIME2(3) NULL,
	card_code BIGINT NULL,
	email NVARCHAR(128) NULL,
	phone NVARCHAR(40) NULL,
	all_divisions BIT NOT NULL CONSTRAINT df_crm_user_all_divisions DEFAULT 0,
	remarks NVARCHAR(500) NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_user_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_user PRIMARY KEY (user_id)
);
CREATE UNIQUE INDEX uq_crm_user_card_code ON crm_user (card_code) WHERE deleted_at IS NULL AND card_code IS NOT NULL;
CREATE UNIQUE INDEX uq_crm_user_login ON crm_user (login) WHERE deleted_at IS NULL;
CREATE TABLE crm_user_activity (
	user_activity_id BIGINT NOT NULL,
	at DATETIME2(3) NOT NULL,
	user_id INTEGER NULL,
	login NVARCHAR(60) NULL,
	what NVARCHAR(40) NOT NULL,
	host NVARCHAR(60) NULL,
	application NVARCHAR(30) NULL,
	details NVARCHAR(500) NULL,
	CONSTRAINT pk_crm_user_activity PRIMARY KEY (user_activity_id)
);
CREATE INDEX ix_crm_user_activity_at ON crm_user_activity (at);
CREATE INDEX ix_crm_user_activity_user_id_at ON crm_user_activity (user_id, at);
CREATE TABLE crm_account_type (
	account_type_id INTEGER NOT NULL,
	parent_id INTEGER NULL,
	class SMALLINT NOT NULL,
	value_unit SMALLINT NOT NULL,
	active_from DATETIME NULL,
	active_to DATETIME NULL,
	open_for_all BIT NOT NULL CONSTRAINT df_crm_account_type_open_for_all DEFAULT 1,
	uses_lots BIT NOT NULL CONSTRAINT df_crm_account_type_uses_lots DEFAULT 0,
	life_kind SMALLINT NOT NULL CONSTRAINT df_crm_account_type_life_kind DEFAULT 0,
	life_value INTEGER NOT NULL CONSTRAINT df_crm_account_type_life_value DEFAULT 0,
	delay_kind SMALLINT NOT NULL CONSTRAINT df_crm_account_type_delay_kind DEFAULT 0,
	delay_value INTEGER NOT NULL CONSTRAINT df_crm_account_type_delay_value DEFAULT 0,
	notice_days NVARCHAR(20) NULL,
	level_change SMALLINT NOT NULL CONSTRAINT df_crm_account_type_level_change DEFAULT 0,
	level_down SMALLINT NOT NULL CONSTRAINT df_crm_account_type_level_down DEFAULT 1,
	level_on_refund BIT NOT NULL CONSTRAINT df_crm_account_type_level_on_refund DEFAULT 1,
	default_scheme_id INTEGER NULL,
	default_credit_depth BIGINT NOT NULL CONSTRAINT df_crm_account_type_default_credit_depth DEFAULT 0,
	min_balance BIGINT NOT NULL CONSTRAINT df_crm_account_type_min_balance DEFAULT 0,
	round_step BIGINT NOT NULL CONSTRAINT df_crm_account_type_round_step DEFAULT 1,
	round_mode SMALLINT NOT NULL CONSTRAINT df_crm_account_type_round_mode DEFAULT 1,
	earn_base SMALLINT NOT NULL CONSTRAINT df_crm_account_type_earn_base DEFAULT 1,
	spent_base SMALLINT NOT NULL CONSTRAINT df_crm_account_type_spent_base DEFAULT 1,
	refund_earned SMALLINT NOT NULL CONSTRAINT df_crm_account_type_refund_earned DEFAULT 3,
	refund_burned SMALLINT NOT NULL CONSTRAINT df_crm_account_type_refund_burned DEFAULT 1,
	refund_grace_days INTEGER NOT NULL CONSTRAINT df_crm_account_type_refund_grace_days DEFAULT 7,
	receivable_type_id INTEGER NULL,
	reinstate_days INTEGER NOT NULL CONSTRAINT df_crm_account_type_reinstate_days DEFAULT 30,
	external_code NVARCHAR(40) NULL,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_account_type_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_account_type_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_account_type_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_account_type PRIMARY KEY (account_type_id),
	CONSTRAINT fk_crm_account_type_parent_id FOREIGN KEY(parent_id) REFERENCES crm_account_type (account_type_id),
	CONSTRAINT fk_crm_account_type_default_scheme_id FOREIGN KEY(default_scheme_id) REFERENCES crm_scheme (scheme_id),
	CONSTRAINT fk_crm_account_type_receivable_type_id FOREIGN KEY(receivable_type_id) REFERENCES crm_account_type (account_type_id)
);
CREATE UNIQUE INDEX uq_crm_account_type_name ON crm_account_type (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_approval (
	approval_id BIGINT NOT NULL,
	operation_id NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	request NVARCHAR(60) NOT NULL,
	command NVARCHAR(max) NOT NULL,
	fingerprint VARBINARY(32) NOT NULL,
	amount BIGINT NOT NULL,
	division_id INTEGER NOT NULL,
	holder_id BIGINT NULL,
	state SMALLINT NOT NULL CONSTRAINT df_crm_approval_state DEFAULT 1,
	asked_by INTEGER NOT NULL,
	asked_at DATETIME2(3) NOT NULL,
	expires_at DATETIME2(3) NOT NULL,
	decided_by INTEGER NULL,
	decided_at DATETIME2(3) NULL,
	decided_key NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NULL,
	decision_reason NVARCHAR(255) NULL,
	refusal_code NVARCHAR(40) NULL,
	refusal_args NVARCHAR(max) NULL,
	booked_id BIGINT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_approval_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_approval PRIMARY KEY (approval_id),
	CONSTRAINT uq_crm_approval_operation_id UNIQUE (operation_id),
	CONSTRAINT fk_crm_approval_division_id FOREIGN KEY(division_id) REFERENCES crm_division (division_id),
	CONSTRAINT fk_crm_approval_asked_by FOREIGN KEY(asked_by) REFERENCES crm_user (user_id),
	CONSTRAINT fk_crm_approval_decided_by FOREIGN KEY(decided_by) REFERENCES crm_user (user_id)
);
CREATE INDEX ix_crm_approval_asked_by_approval_id ON crm_approval (asked_by, approval_id);
CREATE INDEX ix_crm_approval_holder_id ON crm_approval (holder_id) WHERE holder_id IS NOT NULL;
CREATE INDEX ix_crm_approval_state_division_id ON crm_approval (state, division_id);
CREATE TABLE crm_auth_code (
	auth_code_id VARBINARY(16) NOT NULL,
	purpose SMALLINT NOT NULL,
	code_hash NVARCHAR(200) NOT NULL,
	value_norm NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
	contact_id BIGINT NULL,
	card_code BIGINT NULL,
	classifier_id INTEGER NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	expires_at DATETIME2(3) NOT NULL,
	tries SMALLINT NOT NULL CONSTRAINT df_crm_auth_code_tries DEFAULT 0,
	used_at DATETIME2(3) NULL,
	wishes NVARCHAR(max) NULL,
	CONSTRAINT pk_crm_auth_code PRIMARY KEY (auth_code_id),
	CONSTRAINT fk_crm_auth_code_classifier_id FOREIGN KEY(classifier_id) REFERENCES crm_classifier (classifier_id)
);
CREATE INDEX ix_crm_auth_code_value_norm_created_at ON crm_auth_code (value_norm, created_at);
CREATE TABLE crm_campaign_version (
	campaign_version_id INTEGER NOT NULL,
	campaign_id INTEGER NOT NULL,
	version_no INTEGER NOT NULL,
	valid_from DATETIME NOT NULL,
	valid_to DATETIME NULL,
	time_id INTEGER NULL,
	segment_id INTEGER NULL,
	priority INTEGER NOT NULL CONSTRAINT df_crm_campaign_version_priority DEFAULT 100,
	stacking_group_id INTEGER NOT NULL,
	trigger_kind SMALLINT NOT NULL,
	conditions NVARCHAR(max) NOT NULL,
	effects NVARCHAR(max) NOT NULL,
	published_at DATETIME2(3) NULL,
	published_by INTEGER NULL,
	CONSTRAINT pk_crm_campaign_version PRIMARY KEY (campaign_version_id),
	CONSTRAINT uq_crm_campaign_version_campaign_id_version_no UNIQUE (campaign_id, version_no),
	CONSTRAINT fk_crm_campaign_version_campaign_id FOREIGN KEY(campaign_id) REFERENCES crm_campaign (campaign_id),
	CONSTRAINT fk_crm_campaign_version_time_id FOREIGN KEY(time_id) REFERENCES crm_time_set (time_id),
	CONSTRAINT fk_crm_campaign_version_segment_id FOREIGN KEY(segment_id) REFERENCES crm_segment (segment_id),
	CONSTRAINT fk_crm_campaign_version_stacking_group_id FOREIGN KEY(stacking_group_id) REFERENCES crm_stacking_group (stacking_group_id)
);
CREATE TABLE crm_card_range (
	range_id INTEGER NOT NULL,
	start_code BIGINT NOT NULL,
	end_code BIGINT NOT NULL,
	current_code BIGINT NOT NULL,
	division_id INTEGER NOT NULL,
	card_group_id INTEGER NULL,
	holder_group_id INTEGER NULL,
	account_types NVARCHAR(max) NULL,
	start_bonus BIGINT NOT NULL CONSTRAINT df_crm_card_range_start_bonus DEFAULT 0,
	valid_months INTEGER NULL,
	digits SMALLINT NULL,
	make_anonymous BIT NOT NULL CONSTRAINT df_crm_card_range_make_anonymous DEFAULT 0,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_card_range_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_card_range_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_card_range_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_card_range PRIMARY KEY (range_id),
	CONSTRAINT fk_crm_card_range_division_id FOREIGN KEY(division_id) REFERENCES crm_division (division_id),
	CONSTRAINT fk_crm_card_range_card_group_id FOREIGN KEY(card_group_id) REFERENCES crm_card_group (group_id),
	CONSTRAINT fk_crm_card_range_holder_group_id FOREIGN KEY(holder_group_id) REFERENCES crm_holder_group (group_id)
);
CREATE UNIQUE INDEX uq_crm_card_range_name ON crm_card_range (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_change_value (
	change_id BIGINT NOT NULL,
	field_name NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	old_value NVARCHAR(max) NULL,
	new_value NVARCHAR(max) NULL,
	is_personal BIT NOT NULL CONSTRAINT df_crm_change_value_is_personal DEFAULT 0,
	erased_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_change_value PRIMARY KEY (change_id, field_name),
	CONSTRAINT fk_crm_change_value_change_id FOREIGN KEY(change_id) REFERENCES crm_change_set (change_id)
);
CREATE TABLE crm_city (
	city_id INTEGER NOT NULL,
	country_id INTEGER NULL,
	name NVARCHAR(60) NOT NULL,
	name_key NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_city PRIMARY KEY (city_id),
	CONSTRAINT fk_crm_city_country_id FOREIGN KEY(country_id) REFERENCES crm_country (country_id)
);
CREATE UNIQUE INDEX uq_crm_city_country_id_name_key ON crm_city (country_id, name_key) WHERE country_id IS NOT NULL;
CREATE UNIQUE INDEX uq_crm_city_name_key ON crm_city (name_key) WHERE country_id IS NULL;
CREATE TABLE crm_classifier_right (
	classifier_id INTEGER NOT NULL,
	right_code NVARCHAR(30) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_classifier_right PRIMARY KEY (classifier_id, right_code),
	CONSTRAINT fk_crm_classifier_right_classifier_id FOREIGN KEY(classifier_id) REFERENCES crm_classifier (classifier_id)
);
CREATE TABLE crm_coupon_type (
	coupon_type_id INTEGER NOT NULL,
	parent_id INTEGER NULL,
	class SMALLINT NOT NULL,
	time_id INTEGER NULL,
	active_from DATETIME NULL,
	active_to DATETIME NULL,
	delay_days INTEGER NOT NULL CONSTRAINT df_crm_coupon_type_delay_days DEFAULT 0,
	valid_days INTEGER NULL,
	scheme_id INTEGER NULL,
	pos_code INTEGER NULL,
	rate INTEGER NULL,
	fixed_sum BIGINT NULL,
	discount_limit BIGINT NULL,
	confirm_manager BIT NOT NULL CONSTRAINT df_crm_coupon_type_confirm_manager DEFAULT 0,
	max_uses SMALLINT NOT NULL CONSTRAINT df_crm_coupon_type_max_uses DEFAULT 1,
	per_holder INTEGER NULL,
	per_holder_days INTEGER NULL,
	stackable_group_id INTEGER NULL,
	pool_prefix INTEGER NOT NULL CONSTRAINT df_crm_coupon_type_pool_prefix DEFAULT 922001,
	pool_min INTEGER NOT NULL CONSTRAINT df_crm_coupon_type_pool_min DEFAULT 0,
	pool_step INTEGER NOT NULL CONSTRAINT df_crm_coupon_type_pool_step DEFAULT 0,
	return_on_refund BIT NOT NULL CONSTRAINT df_crm_coupon_type_return_on_refund DEFAULT 1,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_coupon_type_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_coupon_type_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_coupon_type_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_coupon_type PRIMARY KEY (coupon_type_id),
	CONSTRAINT fk_crm_coupon_type_parent_id FOREIGN KEY(parent_id) REFERENCES crm_coupon_type (coupon_type_id),
	CONSTRAINT fk_crm_coupon_type_time_id FOREIGN KEY(time_id) REFERENCES crm_time_set (time_id),
	CONSTRAINT fk_crm_coupon_type_scheme_id FOREIGN KEY(scheme_id) REFERENCES crm_scheme (scheme_id),
	CONSTRAINT fk_crm_coupon_type_stackable_group_id FOREIGN KEY(stackable_group_id) REFERENCES crm_stacking_group (stacking_group_id)
);
CREATE UNIQUE INDEX uq_crm_coupon_type_name ON crm_coupon_type (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_holder (
	holder_id BIGINT NOT NULL,
	pos_number INTEGER NOT NULL,
	division_id INTEGER NOT NULL,
	group_id INTEGER NULL,
	non_payer_type_id INTEGER NULL,
	external_code NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NULL,
	source_system NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NULL,
	is_anonymous BIT NOT NULL CONSTRAINT df_crm_holder_is_anonymous DEFAULT 0,
	verified BIT NOT NULL CONSTRAINT df_crm_holder_verified DEFAULT 0,
	state SMALLINT NOT NULL CONSTRAINT df_crm_holder_state DEFAULT 1,
	merged_into BIGINT NULL,
	registered_at DATETIME2(3) NOT NULL,
	registered_unit_id INTEGER NULL,
	last_operation_at DATETIME2(3) NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_holder_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_holder PRIMARY KEY (holder_id),
	CONSTRAINT uq_crm_holder_pos_number UNIQUE (pos_number),
	CONSTRAINT fk_crm_holder_division_id FOREIGN KEY(division_id) REFERENCES crm_division (division_id),
	CONSTRAINT fk_crm_holder_group_id FOREIGN KEY(group_id) REFERENCES crm_holder_group (group_id),
	CONSTRAINT fk_crm_holder_non_payer_type_id FOREIGN KEY(non_payer_type_id) REFERENCES crm_non_payer_type (non_payer_type_id),
	CONSTRAINT fk_crm_holder_merged_into FOREIGN KEY(merged_into) REFERENCES crm_holder (holder_id)
);
CREATE INDEX ix_crm_holder_deleted_at ON crm_holder (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX ix_crm_holder_external_code ON crm_holder (external_code) WHERE external_code IS NOT NULL;
CREATE INDEX ix_crm_holder_merged_into ON crm_holder (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX ix_crm_holder_state ON crm_holder (state) WHERE state <> 1;
CREATE UNIQUE INDEX uq_crm_holder_source_system_external_code ON crm_holder (source_system, external_code) WHERE deleted_at IS NULL AND source_system IS NOT NULL AND external_code IS NOT NULL;
CREATE TABLE crm_import_batch (
	batch_id BIGINT NOT NULL,
	kind SMALLINT NOT NULL,
	division_id INTEGER NOT NULL,
	file_name NVARCHAR(255) NOT NULL,
	size INTEGER NOT NULL CONSTRAINT df_crm_import_batch_size DEFAULT 0,
	sha256 NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NULL,
	shape NVARCHAR(max) NULL,
	mapping NVARCHAR(max) NOT NULL,
	state SMALLINT NOT NULL CONSTRAINT df_crm_import_batch_state DEFAULT 1,
	rows_total INTEGER NOT NULL CONSTRAINT df_crm_import_batch_rows_total DEFAULT 0,
	rows_ok INTEGER NOT NULL CONSTRAINT df_crm_import_batch_rows_ok DEFAULT 0,
	rows_bad INTEGER NOT NULL CONSTRAINT df_crm_import_batch_rows_bad DEFAULT 0,
	control NVARCHAR(max) NULL,
	found NVARCHAR(max) NULL,
	run_id BIGINT NULL,
	user_id INTEGER NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	posted_at DATETIME2(3) NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_import_batch_version DEFAULT 1,
	CONSTRAINT pk_crm_import_batch PRIMARY KEY (batch_id),
	CONSTRAINT fk_crm_import_batch_division_id FOREIGN KEY(division_id) REFERENCES crm_division (division_id)
);
CREATE TABLE crm_job_run (
	run_id BIGINT NOT NULL,
	job_id INTEGER NOT NULL,
	business_date DATETIME NULL,
	state SMALLINT NOT NULL,
	attempt SMALLINT NOT NULL CONSTRAINT df_crm_job_run_attempt DEFAULT 1,
	started_at DATETIME2(3) NULL,
	ended_at DATETIME2(3) NULL,
	processed INTEGER NOT NULL CONSTRAINT df_crm_job_run_processed DEFAULT 0,
	failed INTEGER NOT NULL CONSTRAINT df_crm_job_run_failed DEFAULT 0,
	resume_at NVARCHAR(60) NULL,
	message NVARCHAR(max) NULL,
	total INTEGER NULL,
	params NVARCHAR(max) NULL,
	outcome NVARCHAR(max) NULL,
	ordered_by INTEGER NULL,
	ordered_at DATETIME2(3) NULL,
	cancel_asked BIT NOT NULL CONSTRAINT df_crm_job_run_cancel_asked DEFAULT 0,
	CONSTRAINT pk_crm_job_run PRIMARY KEY (run_id),
	CONSTRAINT fk_crm_job_run_job_id FOREIGN KEY(job_id) REFERENCES crm_job (job_id)
);
CREATE UNIQUE INDEX uq_crm_job_run_job_id_business_date_attempt ON crm_job_run (job_id, business_date, attempt) WHERE business_date IS NOT NULL;
CREATE TABLE crm_mailing (
	mailing_id INTEGER NOT NULL,
	template_id INTEGER NOT NULL,
	segment_id INTEGER NOT NULL,
	channel_id INTEGER NOT NULL,
	state SMALLINT NOT NULL CONSTRAINT df_crm_mailing_state DEFAULT 1,
	start_at DATETIME2(3) NULL,
	test_only BIT NOT NULL CONSTRAINT df_crm_mailing_test_only DEFAULT 1,
	control_bp INTEGER NOT NULL CONSTRAINT df_crm_mailing_control_bp DEFAULT 0,
	max_per_holder_days INTEGER NOT NULL CONSTRAINT df_crm_mailing_max_per_holder_days DEFAULT 0,
	queued_count INTEGER NOT NULL CONSTRAINT df_crm_mailing_queued_count DEFAULT 0,
	sent_count INTEGER NOT NULL CONSTRAINT df_crm_mailing_sent_count DEFAULT 0,
	failed_count INTEGER NOT NULL CONSTRAINT df_crm_mailing_failed_count DEFAULT 0,
	suppressed_count INTEGER NOT NULL CONSTRAINT df_crm_mailing_suppressed_count DEFAULT 0,
	approved_by INTEGER NULL,
	name NVARCHAR(120) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_mailing_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_mailing_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_mailing_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_mailing PRIMARY KEY (mailing_id),
	CONSTRAINT fk_crm_mailing_template_id FOREIGN KEY(template_id) REFERENCES crm_message_template (template_id),
	CONSTRAINT fk_crm_mailing_segment_id FOREIGN KEY(segment_id) REFERENCES crm_segment (segment_id),
	CONSTRAINT fk_crm_mailing_channel_id FOREIGN KEY(channel_id) REFERENCES crm_channel (channel_id)
);
CREATE UNIQUE INDEX uq_crm_mailing_name ON crm_mailing (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_person_access (
	person_access_id BIGINT NOT NULL,
	at DATETIME2(3) NOT NULL,
	user_id INTEGER NOT NULL,
	holder_id BIGINT NOT NULL,
	contact_id BIGINT NULL,
	what SMALLINT NOT NULL,
	reason NVARCHAR(255) NOT NULL,
	application NVARCHAR(30) NULL,
	count INTEGER NOT NULL CONSTRAINT df_crm_person_access_count DEFAULT 1,
	CONSTRAINT pk_crm_person_access PRIMARY KEY (person_access_id),
	CONSTRAINT fk_crm_person_access_user_id FOREIGN KEY(user_id) REFERENCES crm_user (user_id)
);
CREATE INDEX ix_crm_person_access_holder_id ON crm_person_access (holder_id);
CREATE INDEX ix_crm_person_access_user_id_at ON crm_person_access (user_id, at);
CREATE TABLE crm_property_value (
	property_value_id INTEGER NOT NULL,
	property_id INTEGER NOT NULL,
	name NVARCHAR(60) NOT NULL,
	value NVARCHAR(450) NULL,
	CONSTRAINT pk_crm_property_value PRIMARY KEY (property_value_id),
	CONSTRAINT fk_crm_property_value_property_id FOREIGN KEY(property_id) REFERENCES crm_property (property_id)
);
CREATE INDEX ix_crm_property_value_property_id ON crm_property_value (property_id);
CREATE TABLE crm_report_run (
	report_run_id BIGINT NOT NULL,
	report_form_id INTEGER NOT NULL,
	user_id INTEGER NULL,
	started_at DATETIME2(3) NOT NULL,
	ended_at DATETIME2(3) NULL,
	params NVARCHAR(max) NOT NULL,
	state SMALLINT NOT NULL,
	row_count INTEGER NULL,
	CONSTRAINT pk_crm_report_run PRIMARY KEY (report_run_id),
	CONSTRAINT fk_crm_report_run_report_form_id FOREIGN KEY(report_form_id) REFERENCES crm_report_form (report_form_id)
);
CREATE TABLE crm_role_right (
	role_id INTEGER NOT NULL,
	right_code NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_role_right PRIMARY KEY (role_id, right_code),
	CONSTRAINT fk_crm_role_right_role_id FOREIGN KEY(role_id) REFERENCES crm_role (role_id)
);
CREATE TABLE crm_scheme_param (
	scheme_param_id INTEGER NOT NULL,
	scheme_id INTEGER NOT NULL,
	time_id INTEGER NOT NULL,
	rate INTEGER NOT NULL,
	external_id INTEGER NULL,
	priority SMALLINT NOT NULL CONSTRAINT df_crm_scheme_param_priority DEFAULT 0,
	colour INTEGER NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_scheme_param_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_scheme_param PRIMARY KEY (scheme_param_id),
	CONSTRAINT fk_crm_scheme_param_scheme_id FOREIGN KEY(scheme_id) REFERENCES crm_scheme (scheme_id),
	CONSTRAINT fk_crm_scheme_param_time_id FOREIGN KEY(time_id) REFERENCES crm_time_set (time_id)
);
CREATE INDEX ix_crm_scheme_param_scheme_id ON crm_scheme_param (scheme_id);
CREATE TABLE crm_time_period (
	time_period_id INTEGER NOT NULL,
	time_id INTEGER NOT NULL,
	name NVARCHAR(100) NULL,
	date_start DATETIME NULL,
	date_end DATETIME NULL,
	months INTEGER NOT NULL CONSTRAINT df_crm_time_period_months DEFAULT 0,
	weekdays INTEGER NOT NULL CONSTRAINT df_crm_time_period_weekdays DEFAULT 0,
	days INTEGER NOT NULL CONSTRAINT df_crm_time_period_days DEFAULT 0,
	time_from SMALLINT NULL,
	time_to SMALLINT NULL,
	segment_id INTEGER NULL,
	is_active BIT NOT NULL CONSTRAINT df_crm_time_period_is_active DEFAULT 1,
	colour INTEGER NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_time_period_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_time_period PRIMARY KEY (time_period_id),
	CONSTRAINT fk_crm_time_period_time_id FOREIGN KEY(time_id) REFERENCES crm_time_set (time_id)
);
CREATE INDEX ix_crm_time_period_time_id ON crm_time_period (time_id);
CREATE TABLE crm_unit (
	unit_id INTEGER NOT NULL,
	division_id INTEGER NOT NULL,
	pos_code NVARCHAR(20) NULL,
	pos_number INTEGER NULL,
	classifier_id INTEGER NULL,
	state SMALLINT NOT NULL CONSTRAINT df_crm_unit_state DEFAULT 1,
	address NVARCHAR(200) NULL,
	phone NVARCHAR(40) NULL,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_unit_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_unit_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_unit_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_unit PRIMARY KEY (unit_id),
	CONSTRAINT fk_crm_unit_division_id FOREIGN KEY(division_id) REFERENCES crm_division (division_id),
	CONSTRAINT fk_crm_unit_classifier_id FOREIGN KEY(classifier_id) REFERENCES crm_classifier (classifier_id)
);
CREATE UNIQUE INDEX uq_crm_unit_name ON crm_unit (name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX uq_crm_unit_pos_code ON crm_unit (pos_code) WHERE deleted_at IS NULL AND pos_code IS NOT NULL;
CREATE UNIQUE INDEX uq_crm_unit_pos_number ON crm_unit (pos_number) WHERE deleted_at IS NULL AND pos_number IS NOT NULL;
CREATE TABLE crm_user_division (
	user_id INTEGER NOT NULL,
	division_id INTEGER NOT NULL,
	CONSTRAINT pk_crm_user_division PRIMARY KEY (user_id, division_id),
	CONSTRAINT fk_crm_user_division_user_id FOREIGN KEY(user_id) REFERENCES crm_user (user_id),
	CONSTRAINT fk_crm_user_division_division_id FOREIGN KEY(division_id) REFERENCES crm_division (division_id)
);
CREATE TABLE crm_user_role (
	user_id INTEGER NOT NULL,
	role_id INTEGER NOT NULL,
	CONSTRAINT pk_crm_user_role PRIMARY KEY (user_id, role_id),
	CONSTRAINT fk_crm_user_role_user_id FOREIGN KEY(user_id) REFERENCES crm_user (user_id),
	CONSTRAINT fk_crm_user_role_role_id FOREIGN KEY(role_id) REFERENCES crm_role (role_id)
);
CREATE TABLE crm_user_session (
	session_id VARBINARY(16) NOT NULL,
	user_id INTEGER NOT NULL,
	started_at DATETIME2(3) NOT NULL,
	seen_at DATETIME2(3) NOT NULL,
	host NVARCHAR(60) NULL,
	application NVARCHAR(30) NULL,
	ended_at DATETIME2(3) NULL,
	end_reason SMALLINT NULL,
	CONSTRAINT pk_crm_user_session PRIMARY KEY (session_id),
	CONSTRAINT fk_crm_user_session_user_id FOREIGN KEY(user_id) REFERENCES crm_user (user_id)
);
CREATE INDEX ix_crm_user_session_user_id ON crm_user_session (user_id);
CREATE TABLE crm_user_totp (
	user_id INTEGER NOT NULL,
	secret VARBINARY(64) NOT NULL,
	confirmed_at DATETIME2(3) NULL,
	last_step BIGINT NOT NULL CONSTRAINT df_crm_user_totp_last_step DEFAULT 0,
	CONSTRAINT pk_crm_user_totp PRIMARY KEY (user_id),
	CONSTRAINT fk_crm_user_totp_user_id FOREIGN KEY(user_id) REFERENCES crm_user (user_id)
);
CREATE TABLE crm_writer (
	writer_id INTEGER NOT NULL,
	division_id INTEGER NOT NULL,
	name NVARCHAR(60) NOT NULL,
	started_at DATETIME2(3) NULL,
	next_chain_no BIGINT NOT NULL,
	head_hash VARBINARY(32) NOT NULL,
	CONSTRAINT pk_crm_writer PRIMARY KEY (writer_id),
	CONSTRAINT fk_crm_writer_division_id FOREIGN KEY(division_id) REFERENCES crm_division (division_id)
);
CREATE TABLE crm_campaign_classifier (
	version_id INTEGER NOT NULL,
	classifier_id INTEGER NOT NULL,
	CONSTRAINT pk_crm_campaign_classifier PRIMARY KEY (version_id, classifier_id),
	CONSTRAINT fk_crm_campaign_classifier_version_id FOREIGN KEY(version_id) REFERENCES crm_campaign_version (campaign_version_id),
	CONSTRAINT fk_crm_campaign_classifier_classifier_id FOREIGN KEY(classifier_id) REFERENCES crm_classifier (classifier_id)
);
CREATE TABLE crm_campaign_counter (
	version_id INTEGER NOT NULL,
	per SMALLINT NOT NULL,
	subject_id BIGINT NOT NULL,
	period_key INTEGER NOT NULL,
	used_amount BIGINT NOT NULL CONSTRAINT df_crm_campaign_counter_used_amount DEFAULT 0,
	used_count INTEGER NOT NULL CONSTRAINT df_crm_campaign_counter_used_count DEFAULT 0,
	CONSTRAINT pk_crm_campaign_counter PRIMARY KEY (version_id, per, subject_id, period_key),
	CONSTRAINT fk_crm_campaign_counter_version_id FOREIGN KEY(version_id) REFERENCES crm_campaign_version (campaign_version_id)
);
CREATE TABLE crm_campaign_limit (
	campaign_limit_id INTEGER NOT NULL,
	version_id INTEGER NOT NULL,
	per SMALLINT NOT NULL,
	period SMALLINT NOT NULL,
	max_amount BIGINT NULL,
	max_count INTEGER NULL,
	CONSTRAINT pk_crm_campaign_limit PRIMARY KEY (campaign_limit_id),
	CONSTRAINT fk_crm_campaign_limit_version_id FOREIGN KEY(version_id) REFERENCES crm_campaign_version (campaign_version_id)
);
CREATE INDEX ix_crm_campaign_limit_version_id ON crm_campaign_limit (version_id);
CREATE TABLE crm_campaign_unit (
	version_id INTEGER NOT NULL,
	unit_id INTEGER NOT NULL,
	CONSTRAINT pk_crm_campaign_unit PRIMARY KEY (version_id, unit_id),
	CONSTRAINT fk_crm_campaign_unit_version_id FOREIGN KEY(version_id) REFERENCES crm_campaign_version (campaign_version_id),
	CONSTRAINT fk_crm_campaign_unit_unit_id FOREIGN KEY(unit_id) REFERENCES crm_unit (unit_id)
);
CREATE TABLE crm_card (
	card_code BIGINT NOT NULL,
	holder_id BIGINT NULL,
	owner_holder_id BIGINT NULL,
	state SMALLINT NOT NULL CONSTRAINT df_crm_card_state DEFAULT 1,
	block_reason NVARCHAR(255) NULL,
	seize BIT NOT NULL CONSTRAINT df_crm_card_seize DEFAULT 0,
	confirm_manager BIT NOT NULL CONSTRAINT df_crm_card_confirm_manager DEFAULT 0,
	group_id INTEGER NULL,
	range_id INTEGER NULL,
	kind SMALLINT NOT NULL CONSTRAINT df_crm_card_kind DEFAULT 1,
	valid_from DATETIME NULL,
	valid_to DATETIME NULL,
	carrier_data NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NULL,
	pin_hash NVARCHAR(200) NULL,
	pin_fails SMALLINT NOT NULL CONSTRAINT df_crm_card_pin_fails DEFAULT 0,
	limited_accounts BIT NOT NULL CONSTRAINT df_crm_card_limited_accounts DEFAULT 0,
	replaced_by BIGINT NULL,
	issued_at DATETIME2(3) NULL,
	issued_unit_id INTEGER NULL,
	issued_by INTEGER NULL,
	batch_id BIGINT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_card_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_card PRIMARY KEY (card_code),
	CONSTRAINT fk_crm_card_holder_id FOREIGN KEY(holder_id) REFERENCES crm_holder (holder_id),
	CONSTRAINT fk_crm_card_owner_holder_id FOREIGN KEY(owner_holder_id) REFERENCES crm_holder (holder_id),
	CONSTRAINT fk_crm_card_group_id FOREIGN KEY(group_id) REFERENCES crm_card_group (group_id),
	CONSTRAINT fk_crm_card_range_id FOREIGN KEY(range_id) REFERENCES crm_card_range (range_id),
	CONSTRAINT fk_crm_card_replaced_by FOREIGN KEY(replaced_by) REFERENCES crm_card (card_code)
);
CREATE INDEX ix_crm_card_holder_id ON crm_card (holder_id) WHERE holder_id IS NOT NULL;
CREATE UNIQUE INDEX uq_crm_card_carrier_data ON crm_card (carrier_data) WHERE deleted_at IS NULL AND carrier_data IS NOT NULL;
CREATE TABLE crm_certificate_type (
	certificate_type_id INTEGER NOT NULL,
	account_type_id INTEGER NOT NULL,
	nominal BIGINT NULL,
	min_sum BIGINT NULL,
	max_sum BIGINT NULL,
	valid_days INTEGER NULL,
	active_after_days INTEGER NOT NULL CONSTRAINT df_crm_certificate_type_active_after_days DEFAULT 0,
	part_use BIT NOT NULL CONSTRAINT df_crm_certificate_type_part_use DEFAULT 1,
	underpay BIT NOT NULL CONSTRAINT df_crm_certificate_type_underpay DEFAULT 0,
	pin_needed BIT NOT NULL CONSTRAINT df_crm_certificate_type_pin_needed DEFAULT 0,
	refund_allowed BIT NOT NULL CONSTRAINT df_crm_certificate_type_refund_allowed DEFAULT 0,
	resell_allowed BIT NOT NULL CONSTRAINT df_crm_certificate_type_resell_allowed DEFAULT 0,
	name NVARCHAR(60) NOT NULL,
	sort_no INTEGER NOT NULL CONSTRAINT df_crm_certificate_type_sort_no DEFAULT 0,
	is_active BIT NOT NULL CONSTRAINT df_crm_certificate_type_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_certificate_type_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_certificate_type PRIMARY KEY (certificate_type_id),
	CONSTRAINT fk_crm_certificate_type_account_type_id FOREIGN KEY(account_type_id) REFERENCES crm_account_type (account_type_id)
);
CREATE UNIQUE INDEX uq_crm_certificate_type_name ON crm_certificate_type (name) WHERE deleted_at IS NULL;
CREATE TABLE crm_chain_head (
	writer_id INTEGER NOT NULL,
	business_date DATETIME NOT NULL,
	chain_no BIGINT NOT NULL,
	hash VARBINARY(32) NOT NULL,
	signed_at DATETIME2(3) NOT NULL,
	signature VARBINARY(64) NOT NULL,
	CONSTRAINT pk_crm_chain_head PRIMARY KEY (writer_id, business_date),
	CONSTRAINT fk_crm_chain_head_writer_id FOREIGN KEY(writer_id) REFERENCES crm_writer (writer_id)
);
CREATE TABLE crm_classifier_account_type (
	classifier_id INTEGER NOT NULL,
	account_type_id INTEGER NOT NULL,
	visible BIT NOT NULL CONSTRAINT df_crm_classifier_account_type_visible DEFAULT 1,
	debit_allowed BIT NOT NULL CONSTRAINT df_crm_classifier_account_type_debit_allowed DEFAULT 0,
	credit_allowed BIT NOT NULL CONSTRAINT df_crm_classifier_account_type_credit_allowed DEFAULT 0,
	debit_priority INTEGER NULL,
	credit_priority INTEGER NULL,
	debit_k_bp INTEGER NOT NULL CONSTRAINT df_crm_classifier_account_type_debit_k_bp DEFAULT 10000,
	credit_k_bp INTEGER NOT NULL CONSTRAINT df_crm_classifier_account_type_credit_k_bp DEFAULT 10000,
	debit_time_id INTEGER NULL,
	credit_time_id INTEGER NULL,
	scheme_id INTEGER NULL,
	max_pay_bp INTEGER NOT NULL CONSTRAINT df_crm_classifier_account_type_max_pay_bp DEFAULT 10000,
	min_pay BIGINT NOT NULL CONSTRAINT df_crm_classifier_account_type_min_pay DEFAULT 0,
	keep_rest BIGINT NOT NULL CONSTRAINT df_crm_classifier_account_type_keep_rest DEFAULT 0,
	sum_slot SMALLINT NULL,
	pos_kinds INTEGER NOT NULL CONSTRAINT df_crm_classifier_account_type_pos_kinds DEFAULT 0,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_classifier_account_type_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_classifier_account_type PRIMARY KEY (classifier_id, account_type_id),
	CONSTRAINT fk_crm_classifier_account_type_classifier_id FOREIGN KEY(classifier_id) REFERENCES crm_classifier (classifier_id),
	CONSTRAINT fk_crm_classifier_account_type_account_type_id FOREIGN KEY(account_type_id) REFERENCES crm_account_type (account_type_id),
	CONSTRAINT fk_crm_classifier_account_type_debit_time_id FOREIGN KEY(debit_time_id) REFERENCES crm_time_set (time_id),
	CONSTRAINT fk_crm_classifier_account_type_credit_time_id FOREIGN KEY(credit_time_id) REFERENCES crm_time_set (time_id),
	CONSTRAINT fk_crm_classifier_account_type_scheme_id FOREIGN KEY(scheme_id) REFERENCES crm_scheme (scheme_id)
);
CREATE UNIQUE INDEX uq_crm_classifier_account_type_classifier_id_sum_slot ON crm_classifier_account_type (classifier_id, sum_slot) WHERE deleted_at IS NULL AND sum_slot IS NOT NULL;
CREATE TABLE crm_consent (
	consent_id BIGINT NOT NULL,
	holder_id BIGINT NOT NULL,
	purpose SMALLINT NOT NULL,
	channel SMALLINT NULL,
	granted BIT NOT NULL CONSTRAINT df_crm_consent_granted DEFAULT 0,
	at DATETIME2(3) NOT NULL,
	source SMALLINT NOT NULL,
	evidence NVARCHAR(500) NULL,
	text_version NVARCHAR(40) NULL,
	user_id INTEGER NULL,
	classifier_id INTEGER NULL,
	CONSTRAINT pk_crm_consent PRIMARY KEY (consent_id),
	CONSTRAINT fk_crm_consent_holder_id FOREIGN KEY(holder_id) REFERENCES crm_holder (holder_id)
);
CREATE INDEX ix_crm_consent_holder_id_purpose ON crm_consent (holder_id, purpose);
CREATE TABLE crm_contact (
	contact_id BIGINT NOT NULL,
	holder_id BIGINT NOT NULL,
	contact_type_id INTEGER NOT NULL,
	value NVARCHAR(128) NOT NULL,
	value_norm NVARCHAR(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
	value_tail NVARCHAR(4) COLLATE Latin1_General_100_BIN2 NULL,
	value_ext NVARCHAR(128) NULL,
	dispatch BIT NOT NULL CONSTRAINT df_crm_contact_dispatch DEFAULT 1,
	is_main BIT NOT NULL CONSTRAINT df_crm_contact_is_main DEFAULT 0,
	confirmed_at DATETIME2(3) NULL,
	bounce_count INTEGER NOT NULL CONSTRAINT df_crm_contact_bounce_count DEFAULT 0,
	notes NVARCHAR(500) NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_contact_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_contact PRIMARY KEY (contact_id),
	CONSTRAINT fk_crm_contact_holder_id FOREIGN KEY(holder_id) REFERENCES crm_holder (holder_id),
	CONSTRAINT fk_crm_contact_contact_type_id FOREIGN KEY(contact_type_id) REFERENCES crm_contact_type (contact_type_id)
);
CREATE INDEX ix_crm_contact_value_norm_contact_type_id ON crm_contact (value_norm, contact_type_id);
CREATE INDEX ix_crm_contact_value_tail_contact_type_id ON crm_contact (value_tail, contact_type_id) WHERE value_tail IS NOT NULL;
CREATE UNIQUE INDEX uq_crm_contact_holder_id_contact_type_id_value_norm ON crm_contact (holder_id, contact_type_id, value_norm) WHERE deleted_at IS NULL;
CREATE TABLE crm_coupon_release (
	release_id INTEGER NOT NULL,
	coupon_type_id INTEGER NOT NULL,
	name NVARCHAR(60) NOT NULL,
	notes NVARCHAR(500) NULL,
	quantity INTEGER NOT NULL,
	user_id INTEGER NULL,
	created_at DATETIME2(3) NOT NULL,
	exported_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_coupon_release PRIMARY KEY (release_id),
	CONSTRAINT fk_crm_coupon_release_coupon_type_id FOREIGN KEY(coupon_type_id) REFERENCES crm_coupon_type (coupon_type_id)
);
CREATE TABLE crm_coupon_type_classifier (
	coupon_type_id INTEGER NOT NULL,
	classifier_id INTEGER NOT NULL,
	CONSTRAINT pk_crm_coupon_type_classifier PRIMARY KEY (coupon_type_id, classifier_id),
	CONSTRAINT fk_crm_coupon_type_classifier_coupon_type_id FOREIGN KEY(coupon_type_id) REFERENCES crm_coupon_type (coupon_type_id),
	CONSTRAINT fk_crm_coupon_type_classifier_classifier_id FOREIGN KEY(classifier_id) REFERENCES crm_classifier (classifier_id)
);
CREATE TABLE crm_coupon_type_detail (
	detail_id INTEGER NOT NULL,
	coupon_type_id INTEGER NOT NULL,
	parent_id INTEGER NULL,
	name NVARCHAR(60) NOT NULL,
	notes NVARCHAR(500) NULL,
	max_count INTEGER NOT NULL CONSTRAINT df_crm_coupon_type_detail_max_count DEFAULT 1,
	priority INTEGER NOT NULL CONSTRAINT df_crm_coupon_type_detail_priority DEFAULT 0,
	kind SMALLINT NULL,
	value BIGINT NULL,
	discount_limit BIGINT NULL,
	external_code NVARCHAR(40) NULL,
	external_id INTEGER NULL,
	auto BIT NOT NULL CONSTRAINT df_crm_coupon_type_detail_auto DEFAULT 0,
	classifier_id INTEGER NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_coupon_type_detail_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_coupon_type_detail PRIMARY KEY (detail_id),
	CONSTRAINT fk_crm_coupon_type_detail_coupon_type_id FOREIGN KEY(coupon_type_id) REFERENCES crm_coupon_type (coupon_type_id),
	CONSTRAINT fk_crm_coupon_type_detail_parent_id FOREIGN KEY(parent_id) REFERENCES crm_coupon_type_detail (detail_id)
);
CREATE INDEX ix_crm_coupon_type_detail_coupon_type_id ON crm_coupon_type_detail (coupon_type_id);
CREATE TABLE crm_duplicate_candidate (
	holder_a BIGINT NOT NULL,
	holder_b BIGINT NOT NULL,
	score SMALLINT NOT NULL,
	reasons NVARCHAR(max) NOT NULL,
	state SMALLINT NOT NULL CONSTRAINT df_crm_duplicate_candidate_state DEFAULT 1,
	pair_no BIGINT NOT NULL,
	CONSTRAINT pk_crm_duplicate_candidate PRIMARY KEY (holder_a, holder_b),
	CONSTRAINT uq_crm_duplicate_candidate_pair_no UNIQUE (pair_no),
	CONSTRAINT ck_crm_duplicate_candidate_order CHECK (holder_a < holder_b),
	CONSTRAINT fk_crm_duplicate_candidate_holder_a FOREIGN KEY(holder_a) REFERENCES crm_holder (holder_id),
	CONSTRAINT fk_crm_duplicate_candidate_holder_b FOREIGN KEY(holder_b) REFERENCES crm_holder (holder_id)
);
CREATE TABLE crm_holder_merge (
	merge_id BIGINT NOT NULL,
	survivor_id BIGINT NOT NULL,
	duplicate_id BIGINT NOT NULL,
	at DATETIME2(3) NOT NULL,
	user_id INTEGER NOT NULL,
	operation_id BIGINT NULL,
	undone_operation_id BIGINT NULL,
	state SMALLINT NOT NULL CONSTRAINT df_crm_holder_merge_state DEFAULT 2,
	command_key NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NULL,
	reason NVARCHAR(255) NULL,
	reason_id INTEGER NULL,
	undone_at DATETIME2(3) NULL,
	undone_by INTEGER NULL,
	undo_key NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NULL,
	CONSTRAINT pk_crm_holder_merge PRIMARY KEY (merge_id),
	CONSTRAINT fk_crm_holder_merge_survivor_id FOREIGN KEY(survivor_id) REFERENCES crm_holder (holder_id),
	CONSTRAINT fk_crm_holder_merge_duplicate_id FOREIGN KEY(duplicate_id) REFERENCES crm_holder (holder_id)
);
CREATE INDEX ix_crm_holder_merge_survivor_id ON crm_holder_merge (survivor_id);
CREATE UNIQUE INDEX uq_crm_holder_merge_duplicate_id ON crm_holder_merge (duplicate_id) WHERE undone_at IS NULL;
CREATE TABLE crm_holder_session (
	session_id VARBINARY(16) NOT NULL,
	holder_id BIGINT NOT NULL,
	classifier_id INTEGER NOT NULL,
	seen_at DATETIME2(3) NOT NULL,
	expires_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_holder_session PRIMARY KEY (session_id),
	CONSTRAINT fk_crm_holder_session_holder_id FOREIGN KEY(holder_id) REFERENCES crm_holder (holder_id),
	CONSTRAINT fk_crm_holder_session_classifier_id FOREIGN KEY(classifier_id) REFERENCES crm_classifier (classifier_id)
);
CREATE INDEX ix_crm_holder_session_holder_id ON crm_holder_session (holder_id);
CREATE TABLE crm_import_piece (
	batch_id BIGINT NOT NULL,
	piece_no INTEGER NOT NULL,
	size INTEGER NOT NULL,
	body VARBINARY(max) NOT NULL,
	CONSTRAINT pk_crm_import_piece PRIMARY KEY (batch_id, piece_no),
	CONSTRAINT fk_crm_import_piece_batch_id FOREIGN KEY(batch_id) REFERENCES crm_import_batch (batch_id)
);
CREATE TABLE crm_import_row (
	batch_id BIGINT NOT NULL,
	row_no INTEGER NOT NULL,
	payload NVARCHAR(max) NOT NULL,
	state SMALLINT NOT NULL CONSTRAINT df_crm_import_row_state DEFAULT 0,
	error_code NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NULL,
	errors NVARCHAR(max) NULL,
	object_id BIGINT NULL,
	made NVARCHAR(max) NULL,
	holder_id BIGINT NULL,
	CONSTRAINT pk_crm_import_row PRIMARY KEY (batch_id, row_no),
	CONSTRAINT fk_crm_import_row_batch_id FOREIGN KEY(batch_id) REFERENCES crm_import_batch (batch_id)
);
CREATE INDEX ix_crm_import_row_batch_id_state_row_no ON crm_import_row (batch_id, state, row_no);
CREATE INDEX ix_crm_import_row_holder_id ON crm_import_row (holder_id) WHERE holder_id IS NOT NULL;
CREATE INDEX ix_crm_import_row_object_id ON crm_import_row (object_id) WHERE object_id IS NOT NULL;
CREATE TABLE crm_job_item_error (
	run_id BIGINT NOT NULL,
	subject NVARCHAR(60) NOT NULL,
	code NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	text NVARCHAR(500) NULL,
	CONSTRAINT pk_crm_job_item_error PRIMARY KEY (run_id, subject),
	CONSTRAINT fk_crm_job_item_error_run_id FOREIGN KEY(run_id) REFERENCES crm_job_run (run_id)
);
CREATE TABLE crm_level (
	level_id INTEGER NOT NULL,
	account_type_id INTEGER NOT NULL,
	level_no SMALLINT NOT NULL,
	name NVARCHAR(60) NOT NULL,
	scheme_id INTEGER NOT NULL,
	threshold BIGINT NOT NULL,
	threshold_type_id INTEGER NOT NULL,
	range_kind SMALLINT NOT NULL CONSTRAINT df_crm_level_range_kind DEFAULT 0,
	range_value INTEGER NOT NULL CONSTRAINT df_crm_level_range_value DEFAULT 0,
	keep_days INTEGER NOT NULL CONSTRAINT df_crm_level_keep_days DEFAULT 0,
	reward BIGINT NOT NULL CONSTRAINT df_crm_level_reward DEFAULT 0,
	reward_type_id INTEGER NULL,
	manual_only BIT NOT NULL CONSTRAINT df_crm_level_manual_only DEFAULT 0,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_level_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_level PRIMARY KEY (level_id),
	CONSTRAINT fk_crm_level_account_type_id FOREIGN KEY(account_type_id) REFERENCES crm_account_type (account_type_id),
	CONSTRAINT fk_crm_level_scheme_id FOREIGN KEY(scheme_id) REFERENCES crm_scheme (scheme_id),
	CONSTRAINT fk_crm_level_threshold_type_id FOREIGN KEY(threshold_type_id) REFERENCES crm_account_type (account_type_id),
	CONSTRAINT fk_crm_level_reward_type_id FOREIGN KEY(reward_type_id) REFERENCES crm_account_type (account_type_id)
);
CREATE UNIQUE INDEX uq_crm_level_account_type_id_level_no ON crm_level (account_type_id, level_no) WHERE deleted_at IS NULL;
CREATE TABLE crm_message (
	message_id BIGINT NOT NULL,
	kind SMALLINT NOT NULL,
	holder_id BIGINT NULL,
	contact_id BIGINT NULL,
	channel_id INTEGER NULL,
	mailing_id INTEGER NULL,
	template_id INTEGER NULL,
	subject NVARCHAR(200) NULL,
	body NVARCHAR(max) NOT NULL,
	not_before DATETIME2(3) NOT NULL,
	not_after DATETIME2(3) NULL,
	state SMALLINT NOT NULL,
	attempts SMALLINT NOT NULL CONSTRAINT df_crm_message_attempts DEFAULT 0,
	provider_id NVARCHAR(60) NULL,
	error_code NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NULL,
	queued_at DATETIME2(3) NOT NULL,
	sent_at DATETIME2(3) NULL,
	delivered_at DATETIME2(3) NULL,
	dedupe_key NVARCHAR(120) COLLATE Latin1_General_100_BIN2 NOT NULL,
	user_id INTEGER NULL,
	CONSTRAINT pk_crm_message PRIMARY KEY (message_id),
	CONSTRAINT uq_crm_message_dedupe_key UNIQUE (dedupe_key),
	CONSTRAINT fk_crm_message_holder_id FOREIGN KEY(holder_id) REFERENCES crm_holder (holder_id),
	CONSTRAINT fk_crm_message_channel_id FOREIGN KEY(channel_id) REFERENCES crm_channel (channel_id),
	CONSTRAINT fk_crm_message_mailing_id FOREIGN KEY(mailing_id) REFERENCES crm_mailing (mailing_id),
	CONSTRAINT fk_crm_message_template_id FOREIGN KEY(template_id) REFERENCES crm_message_template (template_id)
);
CREATE INDEX ix_crm_message_holder_id ON crm_message (holder_id) WHERE holder_id IS NOT NULL;
CREATE INDEX ix_crm_message_state_not_before ON crm_message (state, not_before);
CREATE TABLE crm_metro_station (
	metro_station_id INTEGER NOT NULL,
	city_id INTEGER NULL,
	name NVARCHAR(60) NOT NULL,
	name_key NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_metro_station PRIMARY KEY (metro_station_id),
	CONSTRAINT fk_crm_metro_station_city_id FOREIGN KEY(city_id) REFERENCES crm_city (city_id)
);
CREATE UNIQUE INDEX uq_crm_metro_station_city_id_name_key ON crm_metro_station (city_id, name_key) WHERE city_id IS NOT NULL;
CREATE UNIQUE INDEX uq_crm_metro_station_name_key ON crm_metro_station (name_key) WHERE city_id IS NULL;
CREATE TABLE crm_operation (
	operation_id BIGINT NOT NULL,
	writer_id INTEGER NOT NULL,
	chain_no BIGINT NOT NULL,
	kind SMALLINT NOT NULL,
	status SMALLINT NOT NULL,
	refusal_code NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NULL,
	refusal_args NVARCHAR(max) NULL,
	classifier_id INTEGER NOT NULL,
	division_id INTEGER NOT NULL,
	unit_id INTEGER NULL,
	station_no INTEGER NULL,
	user_id INTEGER NULL,
	pos_user NVARCHAR(60) NULL,
	reason_id INTEGER NULL,
	remarks NVARCHAR(255) NULL,
	holder_id BIGINT NULL,
	card_code BIGINT NULL,
	idem_key NVARCHAR(160) COLLATE Latin1_General_100_BIN2 NOT NULL,
	attempt_no SMALLINT NOT NULL CONSTRAINT df_crm_operation_attempt_no DEFAULT 1,
	fingerprint VARBINARY(32) NOT NULL,
	attempt_stamp NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NULL,
	occurred_at DATETIME2(3) NOT NULL,
	occurred_off SMALLINT NOT NULL,
	recorded_at DATETIME2(3) NOT NULL,
	business_date DATETIME NOT NULL,
	shift_date DATETIME NULL,
	shift_no INTEGER NULL,
	ext_id NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NULL,
	ext_index INTEGER NULL,
	ext_date DATETIME NULL,
	order_guid NVARCHAR(38) COLLATE Latin1_General_100_BIN2 NULL,
	check_no INTEGER NULL,
	chmode SMALLINT NULL,
	check_total BIGINT NOT NULL CONSTRAINT df_crm_operation_check_total DEFAULT 0,
	check_discount BIGINT NOT NULL CONSTRAINT df_crm_operation_check_discount DEFAULT 0,
	paid_accounts BIGINT NOT NULL CONSTRAINT df_crm_operation_paid_accounts DEFAULT 0,
	earn_base_sum BIGINT NOT NULL CONSTRAINT df_crm_operation_earn_base_sum DEFAULT 0,
	reverses_id BIGINT NULL,
	batch_id BIGINT NULL,
	rule_version INTEGER NOT NULL,
	trace_hash VARBINARY(32) NULL,
	doc_hash VARBINARY(32) NULL,
	prev_hash VARBINARY(32) NOT NULL,
	hash VARBINARY(32) NOT NULL,
	CONSTRAINT pk_crm_operation PRIMARY KEY (operation_id),
	CONSTRAINT uq_crm_operation_writer_id_chain_no UNIQUE (writer_id, chain_no),
	CONSTRAINT uq_crm_operation_idem_key_classifier_id_attempt_no UNIQUE (idem_key, classifier_id, attempt_no),
	CONSTRAINT fk_crm_operation_writer_id FOREIGN KEY(writer_id) REFERENCES crm_writer (writer_id),
	CONSTRAINT fk_crm_operation_classifier_id FOREIGN KEY(classifier_id) REFERENCES crm_classifier (classifier_id),
	CONSTRAINT fk_crm_operation_division_id FOREIGN KEY(division_id) REFERENCES crm_division (division_id),
	CONSTRAINT fk_crm_operation_unit_id FOREIGN KEY(unit_id) REFERENCES crm_unit (unit_id),
	CONSTRAINT fk_crm_operation_reason_id FOREIGN KEY(reason_id) REFERENCES crm_reason (reason_id),
	CONSTRAINT fk_crm_operation_reverses_id FOREIGN KEY(reverses_id) REFERENCES crm_operation (operation_id)
);
CREATE INDEX ix_crm_operation_business_date_unit_id ON crm_operation (business_date, unit_id);
CREATE INDEX ix_crm_operation_card_code_occurred_at ON crm_operation (card_code, occurred_at) WHERE card_code IS NOT NULL;
CREATE INDEX ix_crm_operation_ext_id_ext_date_ext_index ON crm_operation (ext_id, ext_date, ext_index) WHERE ext_id IS NOT NULL;
CREATE INDEX ix_crm_operation_holder_id_occurred_at ON crm_operation (holder_id, occurred_at) WHERE holder_id IS NOT NULL;
CREATE INDEX ix_crm_operation_order_guid ON crm_operation (order_guid) WHERE order_guid IS NOT NULL;
CREATE INDEX ix_crm_operation_reverses_id ON crm_operation (reverses_id) WHERE reverses_id IS NOT NULL;
CREATE UNIQUE INDEX uq_crm_operation_reverses_id ON crm_operation (reverses_id) WHERE kind IN (3, 4) AND status = 1;
CREATE TABLE crm_person (
	holder_id BIGINT NOT NULL,
	l_name NVARCHAR(60) NULL,
	f_name NVARCHAR(40) NULL,
	m_name NVARCHAR(40) NULL,
	full_name NVARCHAR(140) NOT NULL,
	search_name NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL,
	search_last NVARCHAR(60) COLLATE Latin1_General_100_BIN2 NULL,
	search_first NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NULL,
	search_middle NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NULL,
	search_rest NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NULL,
	birth_date DATETIME NULL,
	birth_md SMALLINT NULL,
	gender SMALLINT NOT NULL CONSTRAINT df_crm_person_gender DEFAULT 0,
	marital SMALLINT NOT NULL CONSTRAINT df_crm_person_marital DEFAULT 0,
	smokes BIT NOT NULL CONSTRAINT df_crm_person_smokes DEFAULT 0,
	language INTEGER NOT NULL CONSTRAINT df_crm_person_language DEFAULT 1049,
	source NVARCHAR(120) NULL,
	remarks NVARCHAR(500) NULL,
	inn NVARCHAR(25) NULL,
	login NVARCHAR(60) NULL,
	password_hash NVARCHAR(200) NULL,
	CONSTRAINT pk_crm_person PRIMARY KEY (holder_id),
	CONSTRAINT fk_crm_person_holder_id FOREIGN KEY(holder_id) REFERENCES crm_holder (holder_id)
);
CREATE INDEX ix_crm_person_birth_date ON crm_person (birth_date) WHERE birth_date IS NOT NULL;
CREATE INDEX ix_crm_person_birth_md ON crm_person (birth_md) WHERE birth_md IS NOT NULL;
CREATE INDEX ix_crm_person_search_first ON crm_person (search_first) WHERE search_first IS NOT NULL;
CREATE INDEX ix_crm_person_search_last ON crm_person (search_last) WHERE search_last IS NOT NULL;
CREATE INDEX ix_crm_person_search_middle ON crm_person (search_middle) WHERE search_middle IS NOT NULL;
CREATE INDEX ix_crm_person_search_name ON crm_person (search_name);
CREATE INDEX ix_crm_person_search_rest ON crm_person (search_rest) WHERE search_rest IS NOT NULL;
CREATE UNIQUE INDEX uq_crm_person_login ON crm_person (login) WHERE login IS NOT NULL;
CREATE TABLE crm_person_photo (
	holder_id BIGINT NOT NULL,
	mime NVARCHAR(30) NOT NULL,
	bytes VARBINARY(max) NOT NULL,
	thumb VARBINARY(max) NOT NULL,
	CONSTRAINT pk_crm_person_photo PRIMARY KEY (holder_id),
	CONSTRAINT fk_crm_person_photo_holder_id FOREIGN KEY(holder_id) REFERENCES crm_holder (holder_id)
);
CREATE TABLE crm_property_link (
	owner_kind SMALLINT NOT NULL,
	owner_id BIGINT NOT NULL,
	property_id INTEGER NOT NULL,
	property_value_id INTEGER NULL,
	value_text NVARCHAR(450) NULL,
	value_num BIGINT NULL,
	value_date DATETIME NULL,
	CONSTRAINT pk_crm_property_link PRIMARY KEY (owner_kind, owner_id, property_id),
	CONSTRAINT fk_crm_property_link_property_id FOREIGN KEY(property_id) REFERENCES crm_property (property_id),
	CONSTRAINT fk_crm_property_link_property_value_id FOREIGN KEY(property_value_id) REFERENCES crm_property_value (property_value_id)
);
CREATE TABLE crm_refill_rule (
	refill_id INTEGER NOT NULL,
	scope SMALLINT NOT NULL,
	scope_id BIGINT NOT NULL,
	account_type_id INTEGER NOT NULL,
	classifier_id INTEGER NULL,
	period SMALLINT NOT NULL,
	mode SMALLINT NOT NULL,
	amount BIGINT NOT NULL,
	weekday SMALLINT NULL,
	month_day SMALLINT NULL,
	is_active BIT NOT NULL CONSTRAINT df_crm_refill_rule_is_active DEFAULT 1,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_refill_rule_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_refill_rule PRIMARY KEY (refill_id),
	CONSTRAINT fk_crm_refill_rule_account_type_id FOREIGN KEY(account_type_id) REFERENCES crm_account_type (account_type_id)
);
CREATE TABLE crm_rfm_score (
	profile_id INTEGER NOT NULL,
	holder_id BIGINT NOT NULL,
	r SMALLINT NOT NULL,
	f SMALLINT NOT NULL,
	m SMALLINT NOT NULL,
	last_date DATETIME NULL,
	visits INTEGER NOT NULL,
	sum BIGINT NOT NULL,
	calculated_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_rfm_score PRIMARY KEY (profile_id, holder_id),
	CONSTRAINT fk_crm_rfm_score_profile_id FOREIGN KEY(profile_id) REFERENCES crm_rfm_profile (rfm_profile_id),
	CONSTRAINT fk_crm_rfm_score_holder_id FOREIGN KEY(holder_id) REFERENCES crm_holder (holder_id)
);
CREATE TABLE crm_segment_member (
	segment_id INTEGER NOT NULL,
	holder_id BIGINT NOT NULL,
	since DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_segment_member PRIMARY KEY (segment_id, holder_id),
	CONSTRAINT fk_crm_segment_member_segment_id FOREIGN KEY(segment_id) REFERENCES crm_segment (segment_id),
	CONSTRAINT fk_crm_segment_member_holder_id FOREIGN KEY(holder_id) REFERENCES crm_holder (holder_id)
);
CREATE INDEX ix_crm_segment_member_holder_id ON crm_segment_member (holder_id);
CREATE TABLE crm_spend_limit (
	limit_id INTEGER NOT NULL,
	scope SMALLINT NOT NULL,
	scope_id BIGINT NOT NULL,
	account_type_id INTEGER NOT NULL,
	period SMALLINT NOT NULL,
	max_amount BIGINT NULL,
	max_count INTEGER NULL,
	classifier_id INTEGER NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_spend_limit_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_spend_limit PRIMARY KEY (limit_id),
	CONSTRAINT fk_crm_spend_limit_account_type_id FOREIGN KEY(account_type_id) REFERENCES crm_account_type (account_type_id)
);
CREATE INDEX ix_crm_spend_limit_account_type_id ON crm_spend_limit (account_type_id);
CREATE TABLE crm_station (
	unit_id INTEGER NOT NULL,
	station_no INTEGER NOT NULL,
	name NVARCHAR(60) NULL,
	last_seen_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_station PRIMARY KEY (unit_id, station_no),
	CONSTRAINT fk_crm_station_unit_id FOREIGN KEY(unit_id) REFERENCES crm_unit (unit_id)
);
CREATE TABLE crm_street (
	street_id INTEGER NOT NULL,
	city_id INTEGER NULL,
	name NVARCHAR(100) NOT NULL,
	name_key NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL,
	CONSTRAINT pk_crm_street PRIMARY KEY (street_id),
	CONSTRAINT fk_crm_street_city_id FOREIGN KEY(city_id) REFERENCES crm_city (city_id)
);
CREATE UNIQUE INDEX uq_crm_street_city_id_name_key ON crm_street (city_id, name_key) WHERE city_id IS NOT NULL;
CREATE UNIQUE INDEX uq_crm_street_name_key ON crm_street (name_key) WHERE city_id IS NULL;
CREATE TABLE crm_account (
	account_id BIGINT NOT NULL,
	owner_kind SMALLINT NOT NULL,
	holder_id BIGINT NULL,
	certificate_id BIGINT NULL,
	account_type_id INTEGER NOT NULL,
	state SMALLINT NOT NULL CONSTRAINT df_crm_account_state DEFAULT 1,
	block_reason NVARCHAR(255) NULL,
	level_id INTEGER NULL,
	level_since DATETIME NULL,
	level_keep_until DATETIME NULL,
	auto_change_levels BIT NOT NULL CONSTRAINT df_crm_account_auto_change_levels DEFAULT 1,
	credit_depth BIGINT NOT NULL CONSTRAINT df_crm_account_credit_depth DEFAULT 0,
	scheme_id INTEGER NULL,
	opened_at DATETIME2(3) NOT NULL,
	valid_to DATETIME NULL,
	merged_into BIGINT NULL,
	balance BIGINT NULL CONSTRAINT df_crm_account_balance DEFAULT 0,
	pending BIGINT NOT NULL CONSTRAINT df_crm_account_pending DEFAULT 0,
	held BIGINT NOT NULL CONSTRAINT df_crm_account_held DEFAULT 0,
	uncovered BIGINT NOT NULL CONSTRAINT df_crm_account_uncovered DEFAULT 0,
	next_lot_event_at DATETIME2(3) NULL,
	last_operation_at DATETIME2(3) NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_account_version DEFAULT 1,
	CONSTRAINT pk_crm_account PRIMARY KEY (account_id),
	CONSTRAINT fk_crm_account_holder_id FOREIGN KEY(holder_id) REFERENCES crm_holder (holder_id),
	CONSTRAINT fk_crm_account_account_type_id FOREIGN KEY(account_type_id) REFERENCES crm_account_type (account_type_id),
	CONSTRAINT fk_crm_account_level_id FOREIGN KEY(level_id) REFERENCES crm_level (level_id),
	CONSTRAINT fk_crm_account_scheme_id FOREIGN KEY(scheme_id) REFERENCES crm_scheme (scheme_id),
	CONSTRAINT fk_crm_account_merged_into FOREIGN KEY(merged_into) REFERENCES crm_account (account_id)
);
CREATE INDEX ix_crm_account_certificate_id ON crm_account (certificate_id) WHERE certificate_id IS NOT NULL;
CREATE INDEX ix_crm_account_merged_into ON crm_account (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX ix_crm_account_next_lot_event_at ON crm_account (next_lot_event_at) WHERE next_lot_event_at IS NOT NULL;
CREATE UNIQUE INDEX uq_crm_account_holder_id_account_type_id ON crm_account (holder_id, account_type_id) WHERE state <> 3 AND holder_id IS NOT NULL;
CREATE TABLE crm_address (
	address_id BIGINT NOT NULL,
	holder_id BIGINT NOT NULL,
	address_type_id INTEGER NOT NULL,
	country_id INTEGER NULL,
	city_id INTEGER NULL,
	street_id INTEGER NULL,
	metro_station_id INTEGER NULL,
	zip NVARCHAR(40) NULL,
	region_code NVARCHAR(10) NULL,
	region NVARCHAR(40) NULL,
	house NVARCHAR(10) NULL,
	building NVARCHAR(10) NULL,
	entry NVARCHAR(10) NULL,
	floor NVARCHAR(10) NULL,
	apartment NVARCHAR(10) NULL,
	entry_code NVARCHAR(10) NULL,
	extended NVARCHAR(500) NULL,
	lat INTEGER NULL,
	lng INTEGER NULL,
	dup_key VARBINARY(16) NOT NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_address_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_address PRIMARY KEY (address_id),
	CONSTRAINT fk_crm_address_holder_id FOREIGN KEY(holder_id) REFERENCES crm_holder (holder_id),
	CONSTRAINT fk_crm_address_address_type_id FOREIGN KEY(address_type_id) REFERENCES crm_address_type (address_type_id),
	CONSTRAINT fk_crm_address_country_id FOREIGN KEY(country_id) REFERENCES crm_country (country_id),
	CONSTRAINT fk_crm_address_city_id FOREIGN KEY(city_id) REFERENCES crm_city (city_id),
	CONSTRAINT fk_crm_address_street_id FOREIGN KEY(street_id) REFERENCES crm_street (street_id),
	CONSTRAINT fk_crm_address_metro_station_id FOREIGN KEY(metro_station_id) REFERENCES crm_metro_station (metro_station_id)
);
CREATE UNIQUE INDEX uq_crm_address_holder_id_dup_key ON crm_address (holder_id, dup_key) WHERE deleted_at IS NULL;
CREATE TABLE crm_card_classifier (
	card_code BIGINT NOT NULL,
	classifier_id INTEGER NOT NULL,
	CONSTRAINT pk_crm_card_classifier PRIMARY KEY (card_code, classifier_id),
	CONSTRAINT fk_crm_card_classifier_card_code FOREIGN KEY(card_code) REFERENCES crm_card (card_code),
	CONSTRAINT fk_crm_card_classifier_classifier_id FOREIGN KEY(classifier_id) REFERENCES crm_classifier (classifier_id)
);
CREATE TABLE crm_card_event (
	card_event_id BIGINT NOT NULL,
	card_code BIGINT NOT NULL,
	at DATETIME2(3) NOT NULL,
	event SMALLINT NOT NULL,
	user_id INTEGER NULL,
	classifier_id INTEGER NULL,
	unit_id INTEGER NULL,
	reason NVARCHAR(255) NULL,
	old_holder_id BIGINT NULL,
	new_holder_id BIGINT NULL,
	CONSTRAINT pk_crm_card_event PRIMARY KEY (card_event_id),
	CONSTRAINT fk_crm_card_event_card_code FOREIGN KEY(card_code) REFERENCES crm_card (card_code)
);
CREATE INDEX ix_crm_card_event_card_code_at ON crm_card_event (card_code, at);
CREATE TABLE crm_classifier_level (
	classifier_id INTEGER NOT NULL,
	level_id INTEGER NOT NULL,
	scheme_id INTEGER NOT NULL,
	CONSTRAINT pk_crm_classifier_level PRIMARY KEY (classifier_id, level_id),
	CONSTRAINT fk_crm_classifier_level_classifier_id FOREIGN KEY(classifier_id) REFERENCES crm_classifier (classifier_id),
	CONSTRAINT fk_crm_classifier_level_level_id FOREIGN KEY(level_id) REFERENCES crm_level (level_id),
	CONSTRAINT fk_crm_classifier_level_scheme_id FOREIGN KEY(scheme_id) REFERENCES crm_scheme (scheme_id)
);
CREATE TABLE crm_coupon (
	coupon_id BIGINT NOT NULL,
	code NVARCHAR(13) COLLATE Latin1_General_100_BIN2 NOT NULL,
	coupon_type_id INTEGER NOT NULL,
	release_id INTEGER NULL,
	holder_id BIGINT NULL,
	state SMALLINT NOT NULL CONSTRAINT df_crm_coupon_state DEFAULT 1,
	valid_from DATETIME NULL,
	valid_to DATETIME NULL,
	uses INTEGER NOT NULL CONSTRAINT df_crm_coupon_uses DEFAULT 0,
	all_classifiers BIT NOT NULL CONSTRAINT df_crm_coupon_all_classifiers DEFAULT 0,
	notes NVARCHAR(500) NULL,
	block_reason NVARCHAR(255) NULL,
	reserved_by NVARCHAR(60) NULL,
	reserved_until DATETIME2(3) NULL,
	value BIGINT NULL,
	ext_classifier_id INTEGER NULL,
	ext_id NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_coupon_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_coupon PRIMARY KEY (coupon_id),
	CONSTRAINT fk_crm_coupon_coupon_type_id FOREIGN KEY(coupon_type_id) REFERENCES crm_coupon_type (coupon_type_id),
	CONSTRAINT fk_crm_coupon_release_id FOREIGN KEY(release_id) REFERENCES crm_coupon_release (release_id),
	CONSTRAINT fk_crm_coupon_holder_id FOREIGN KEY(holder_id) REFERENCES crm_holder (holder_id)
);
CREATE INDEX ix_crm_coupon_coupon_type_id_coupon_id ON crm_coupon (coupon_type_id, coupon_id);
CREATE INDEX ix_crm_coupon_holder_id ON crm_coupon (holder_id) WHERE holder_id IS NOT NULL;
CREATE INDEX ix_crm_coupon_release_id_coupon_id ON crm_coupon (release_id, coupon_id) WHERE release_id IS NOT NULL;
CREATE UNIQUE INDEX uq_crm_coupon_code ON crm_coupon (code) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX uq_crm_coupon_coupon_type_id_ext_classifier_id_ext_id ON crm_coupon (coupon_type_id, ext_classifier_id, ext_id) WHERE deleted_at IS NULL AND ext_id IS NOT NULL;
CREATE TABLE crm_group_account_default (
	group_id INTEGER NOT NULL,
	account_type_id INTEGER NOT NULL,
	level_id INTEGER NULL,
	credit_depth BIGINT NULL,
	CONSTRAINT pk_crm_group_account_default PRIMARY KEY (group_id, account_type_id),
	CONSTRAINT fk_crm_group_account_default_account_type_id FOREIGN KEY(account_type_id) REFERENCES crm_account_type (account_type_id),
	CONSTRAINT fk_crm_group_account_default_level_id FOREIGN KEY(level_id) REFERENCES crm_level (level_id)
);
CREATE TABLE crm_holder_merge_item (
	merge_id BIGINT NOT NULL,
	kind NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	object_id BIGINT NOT NULL,
	old_owner_id BIGINT NULL,
	CONSTRAINT pk_crm_holder_merge_item PRIMARY KEY (merge_id, kind, object_id),
	CONSTRAINT fk_crm_holder_merge_item_merge_id FOREIGN KEY(merge_id) REFERENCES crm_holder_merge (merge_id)
);
CREATE TABLE crm_operation_document (
	operation_id BIGINT NOT NULL,
	doc_kind SMALLINT NOT NULL,
	body VARBINARY(max) NULL,
	salt VARBINARY(16) NULL,
	erased_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_operation_document PRIMARY KEY (operation_id),
	CONSTRAINT fk_crm_operation_document_operation_id FOREIGN KEY(operation_id) REFERENCES crm_operation (operation_id)
);
CREATE TABLE crm_operation_item (
	operation_id BIGINT NOT NULL,
	item_no SMALLINT NOT NULL,
	classifier_id INTEGER NOT NULL,
	item_key NVARCHAR(160) COLLATE Latin1_General_100_BIN2 NOT NULL,
	attempt_no SMALLINT NOT NULL CONSTRAINT df_crm_operation_item_attempt_no DEFAULT 1,
	fingerprint VARBINARY(32) NOT NULL,
	ext_index INTEGER NOT NULL,
	operation_type INTEGER NULL,
	transaction_id BIGINT NOT NULL,
	CONSTRAINT pk_crm_operation_item PRIMARY KEY (operation_id, item_no),
	CONSTRAINT uq_crm_operation_item_item_key_classifier_id_attempt_no UNIQUE (item_key, classifier_id, attempt_no),
	CONSTRAINT fk_crm_operation_item_operation_id FOREIGN KEY(operation_id) REFERENCES crm_operation (operation_id),
	CONSTRAINT fk_crm_operation_item_classifier_id FOREIGN KEY(classifier_id) REFERENCES crm_classifier (classifier_id)
);
CREATE INDEX ix_crm_operation_item_transaction_id ON crm_operation_item (transaction_id);
CREATE TABLE crm_operation_trace (
	operation_id BIGINT NOT NULL,
	trace NVARCHAR(max) NOT NULL,
	CONSTRAINT pk_crm_operation_trace PRIMARY KEY (operation_id),
	CONSTRAINT fk_crm_operation_trace_operation_id FOREIGN KEY(operation_id) REFERENCES crm_operation (operation_id)
);
CREATE TABLE crm_spend_counter (
	limit_id INTEGER NOT NULL,
	subject_id BIGINT NOT NULL,
	period_key INTEGER NOT NULL,
	used_amount BIGINT NOT NULL CONSTRAINT df_crm_spend_counter_used_amount DEFAULT 0,
	used_count INTEGER NOT NULL CONSTRAINT df_crm_spend_counter_used_count DEFAULT 0,
	CONSTRAINT pk_crm_spend_counter PRIMARY KEY (limit_id, subject_id, period_key),
	CONSTRAINT fk_crm_spend_counter_limit_id FOREIGN KEY(limit_id) REFERENCES crm_spend_limit (limit_id)
);
CREATE TABLE crm_card_account (
	card_code BIGINT NOT NULL,
	account_id BIGINT NOT NULL,
	credit_depth BIGINT NULL,
	credit_limit BIGINT NULL,
	CONSTRAINT pk_crm_card_account PRIMARY KEY (card_code, account_id),
	CONSTRAINT fk_crm_card_account_card_code FOREIGN KEY(card_code) REFERENCES crm_card (card_code),
	CONSTRAINT fk_crm_card_account_account_id FOREIGN KEY(account_id) REFERENCES crm_account (account_id)
);
CREATE TABLE crm_certificate (
	certificate_id BIGINT NOT NULL,
	number NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL,
	pin_hash NVARCHAR(200) NULL,
	type_id INTEGER NOT NULL,
	account_id BIGINT NOT NULL,
	state SMALLINT NOT NULL CONSTRAINT df_crm_certificate_state DEFAULT 1,
	sold_operation_id BIGINT NULL,
	holder_id BIGINT NULL,
	valid_to DATETIME NULL,
	created_at DATETIME2(3) NOT NULL,
	created_by INTEGER NULL,
	updated_at DATETIME2(3) NOT NULL,
	updated_by INTEGER NULL,
	version INTEGER NOT NULL CONSTRAINT df_crm_certificate_version DEFAULT 1,
	deleted_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_certificate PRIMARY KEY (certificate_id),
	CONSTRAINT fk_crm_certificate_type_id FOREIGN KEY(type_id) REFERENCES crm_certificate_type (certificate_type_id),
	CONSTRAINT fk_crm_certificate_account_id FOREIGN KEY(account_id) REFERENCES crm_account (account_id),
	CONSTRAINT fk_crm_certificate_holder_id FOREIGN KEY(holder_id) REFERENCES crm_holder (holder_id)
);
CREATE UNIQUE INDEX uq_crm_certificate_account_id ON crm_certificate (account_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX uq_crm_certificate_number ON crm_certificate (number) WHERE deleted_at IS NULL;
CREATE TABLE crm_coupon_classifier (
	coupon_id BIGINT NOT NULL,
	classifier_id INTEGER NOT NULL,
	CONSTRAINT pk_crm_coupon_classifier PRIMARY KEY (coupon_id, classifier_id),
	CONSTRAINT fk_crm_coupon_classifier_coupon_id FOREIGN KEY(coupon_id) REFERENCES crm_coupon (coupon_id),
	CONSTRAINT fk_crm_coupon_classifier_classifier_id FOREIGN KEY(classifier_id) REFERENCES crm_classifier (classifier_id)
);
CREATE TABLE crm_coupon_use (
	coupon_use_id BIGINT NOT NULL,
	coupon_id BIGINT NOT NULL,
	operation_id BIGINT NOT NULL,
	check_total BIGINT NULL,
	value BIGINT NULL,
	undoes_use_id BIGINT NULL,
	CONSTRAINT pk_crm_coupon_use PRIMARY KEY (coupon_use_id),
	CONSTRAINT fk_crm_coupon_use_coupon_id FOREIGN KEY(coupon_id) REFERENCES crm_coupon (coupon_id),
	CONSTRAINT fk_crm_coupon_use_operation_id FOREIGN KEY(operation_id) REFERENCES crm_operation (operation_id),
	CONSTRAINT fk_crm_coupon_use_undoes_use_id FOREIGN KEY(undoes_use_id) REFERENCES crm_coupon_use (coupon_use_id)
);
CREATE INDEX ix_crm_coupon_use_coupon_id ON crm_coupon_use (coupon_id);
CREATE INDEX ix_crm_coupon_use_operation_id ON crm_coupon_use (operation_id);
CREATE TABLE crm_entry (
	entry_id BIGINT NOT NULL,
	operation_id BIGINT NOT NULL,
	line_no SMALLINT NOT NULL,
	account_id BIGINT NOT NULL,
	account_type_id INTEGER NOT NULL,
	amount BIGINT NOT NULL,
	balance_after BIGINT NOT NULL,
	purpose SMALLINT NOT NULL,
	reverses_entry_id BIGINT NULL,
	pos_amount BIGINT NULL,
	k_bp INTEGER NULL,
	scheme_id INTEGER NULL,
	level_id INTEGER NULL,
	campaign_version_id INTEGER NULL,
	rate_bp INTEGER NULL,
	business_date DATETIME NOT NULL,
	CONSTRAINT pk_crm_entry PRIMARY KEY (entry_id),
	CONSTRAINT uq_crm_entry_operation_id_line_no UNIQUE (operation_id, line_no),
	CONSTRAINT ck_crm_entry_amount CHECK (amount <> 0),
	CONSTRAINT fk_crm_entry_operation_id FOREIGN KEY(operation_id) REFERENCES crm_operation (operation_id),
	CONSTRAINT fk_crm_entry_account_id FOREIGN KEY(account_id) REFERENCES crm_account (account_id),
	CONSTRAINT fk_crm_entry_account_type_id FOREIGN KEY(account_type_id) REFERENCES crm_account_type (account_type_id),
	CONSTRAINT fk_crm_entry_reverses_entry_id FOREIGN KEY(reverses_entry_id) REFERENCES crm_entry (entry_id)
);
CREATE INDEX ix_crm_entry_account_id_entry_id ON crm_entry (account_id, entry_id);
CREATE INDEX ix_crm_entry_reverses_entry_id ON crm_entry (reverses_entry_id) WHERE reverses_entry_id IS NOT NULL;
CREATE TABLE crm_hold (
	hold_id BIGINT NOT NULL,
	account_id BIGINT NOT NULL,
	holder_id BIGINT NULL,
	card_code BIGINT NULL,
	classifier_id INTEGER NOT NULL,
	unit_id INTEGER NULL,
	open_operation_id BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	captured BIGINT NOT NULL CONSTRAINT df_crm_hold_captured DEFAULT 0,
	state SMALLINT NOT NULL,
	expires_at DATETIME2(3) NOT NULL,
	purpose SMALLINT NOT NULL,
	order_guid NVARCHAR(38) COLLATE Latin1_General_100_BIN2 NULL,
	CONSTRAINT pk_crm_hold PRIMARY KEY (hold_id),
	CONSTRAINT uq_crm_hold_open_operation_id_account_id UNIQUE (open_operation_id, account_id),
	CONSTRAINT fk_crm_hold_account_id FOREIGN KEY(account_id) REFERENCES crm_account (account_id),
	CONSTRAINT fk_crm_hold_classifier_id FOREIGN KEY(classifier_id) REFERENCES crm_classifier (classifier_id),
	CONSTRAINT fk_crm_hold_open_operation_id FOREIGN KEY(open_operation_id) REFERENCES crm_operation (operation_id)
);
CREATE INDEX ix_crm_hold_account_id ON crm_hold (account_id) WHERE state IN (1, 2);
CREATE INDEX ix_crm_hold_expires_at ON crm_hold (expires_at) WHERE state IN (1, 2);
CREATE INDEX ix_crm_hold_order_guid ON crm_hold (order_guid) WHERE order_guid IS NOT NULL;
CREATE TABLE crm_level_history (
	account_id BIGINT NOT NULL,
	operation_id BIGINT NOT NULL,
	old_level_id INTEGER NULL,
	new_level_id INTEGER NOT NULL,
	cause SMALLINT NOT NULL,
	measure BIGINT NULL,
	effective_at DATETIME2(3) NOT NULL,
	CONSTRAINT pk_crm_level_history PRIMARY KEY (account_id, operation_id),
	CONSTRAINT fk_crm_level_history_account_id FOREIGN KEY(account_id) REFERENCES crm_account (account_id),
	CONSTRAINT fk_crm_level_history_operation_id FOREIGN KEY(operation_id) REFERENCES crm_operation (operation_id)
);
CREATE INDEX ix_crm_level_history_operation_id ON crm_level_history (operation_id);
CREATE TABLE crm_hold_event (
	hold_id BIGINT NOT NULL,
	operation_id BIGINT NOT NULL,
	event SMALLINT NOT NULL,
	amount BIGINT NOT NULL,
	CONSTRAINT pk_crm_hold_event PRIMARY KEY (hold_id, operation_id),
	CONSTRAINT fk_crm_hold_event_hold_id FOREIGN KEY(hold_id) REFERENCES crm_hold (hold_id),
	CONSTRAINT fk_crm_hold_event_operation_id FOREIGN KEY(operation_id) REFERENCES crm_operation (operation_id)
);
CREATE INDEX ix_crm_hold_event_operation_id ON crm_hold_event (operation_id);
CREATE TABLE crm_lot (
	lot_id BIGINT NOT NULL,
	account_id BIGINT NOT NULL,
	entry_id BIGINT NOT NULL,
	line SMALLINT NOT NULL CONSTRAINT df_crm_lot_line DEFAULT 1,
	operation_id BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	origin SMALLINT NOT NULL,
	parent_lot_id BIGINT NULL,
	issued_unit_id INTEGER NULL,
	available_at DATETIME2(3) NOT NULL,
	first_expires_on DATETIME NULL,
	first_expires_at DATETIME2(3) NULL,
	expires_on DATETIME NULL,
	expires_at DATETIME2(3) NULL,
	remaining BIGINT NOT NULL,
	held BIGINT NOT NULL CONSTRAINT df_crm_lot_held DEFAULT 0,
	state SMALLINT NOT NULL,
	CONSTRAINT pk_crm_lot PRIMARY KEY (lot_id),
	CONSTRAINT uq_crm_lot_entry_id_line UNIQUE (entry_id, line),
	CONSTRAINT ck_crm_lot_amount CHECK (amount > 0),
	CONSTRAINT fk_crm_lot_account_id FOREIGN KEY(account_id) REFERENCES crm_account (account_id),
	CONSTRAINT fk_crm_lot_entry_id FOREIGN KEY(entry_id) REFERENCES crm_entry (entry_id),
	CONSTRAINT fk_crm_lot_operation_id FOREIGN KEY(operation_id) REFERENCES crm_operation (operation_id),
	CONSTRAINT fk_crm_lot_parent_lot_id FOREIGN KEY(parent_lot_id) REFERENCES crm_lot (lot_id)
);
CREATE INDEX ix_crm_lot_account_id_expires_at_available_at ON crm_lot (account_id, expires_at, available_at) WHERE remaining > 0;
CREATE TABLE crm_allocation (
	allocation_id BIGINT NOT NULL,
	lot_id BIGINT NOT NULL,
	entry_id BIGINT NOT NULL,
	operation_id BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	restores_id BIGINT NULL,
	CONSTRAINT pk_crm_allocation PRIMARY KEY (allocation_id),
	CONSTRAINT ck_crm_allocation_amount CHECK (amount <> 0),
	CONSTRAINT fk_crm_allocation_lot_id FOREIGN KEY(lot_id) REFERENCES crm_lot (lot_id),
	CONSTRAINT fk_crm_allocation_entry_id FOREIGN KEY(entry_id) REFERENCES crm_entry (entry_id),
	CONSTRAINT fk_crm_allocation_operation_id FOREIGN KEY(operation_id) REFERENCES crm_operation (operation_id),
	CONSTRAINT fk_crm_allocation_restores_id FOREIGN KEY(restores_id) REFERENCES crm_allocation (allocation_id)
);
CREATE INDEX ix_crm_allocation_entry_id ON crm_allocation (entry_id);
CREATE INDEX ix_crm_allocation_lot_id ON crm_allocation (lot_id);
CREATE INDEX ix_crm_allocation_operation_id ON crm_allocation (operation_id);
CREATE TABLE crm_hold_lot (
	hold_id BIGINT NOT NULL,
	lot_id BIGINT NOT NULL,
	amount BIGINT NOT NULL,
	CONSTRAINT pk_crm_hold_lot PRIMARY KEY (hold_id, lot_id),
	CONSTRAINT fk_crm_hold_lot_hold_id FOREIGN KEY(hold_id) REFERENCES crm_hold (hold_id),
	CONSTRAINT fk_crm_hold_lot_lot_id FOREIGN KEY(lot_id) REFERENCES crm_lot (lot_id)
);
CREATE TABLE crm_lot_term (
	lot_id BIGINT NOT NULL,
	operation_id BIGINT NOT NULL,
	old_expires_at DATETIME2(3) NULL,
	new_expires_at DATETIME2(3) NULL,
	CONSTRAINT pk_crm_lot_term PRIMARY KEY (lot_id, operation_id),
	CONSTRAINT fk_crm_lot_term_lot_id FOREIGN KEY(lot_id) REFERENCES crm_lot (lot_id),
	CONSTRAINT fk_crm_lot_term_operation_id FOREIGN KEY(operation_id) REFERENCES crm_operation (operation_id)
);
CREATE INDEX ix_crm_lot_term_operation_id ON crm_lot_term (operation_id);
