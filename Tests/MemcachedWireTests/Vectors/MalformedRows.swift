/// The captured rows that are malformed on purpose, by name, with the reason why the API cannot express them.
///
/// The list is kept apart from the rule (``RequestFrame``) and compared with it, so that neither drifts alone. A row
/// with several requests stands under the reason of its first malformed one; those around it are expressed as usual.
enum MalformedRows {
    static let names: [Inexpressible: [String]] = [
        .wrongMagic: [
            "bad_magic_first_packet",
            "bad_magic_first_packet_with_newline",
            "bad_magic_second_packet",
            "bad_magic_zero_second_packet",
            "text_command_on_binary_connection",
            "text_command_on_binary_connection_long",
            "ascii_only_server_newline",
            "sasl_before_auth_text_version",
            "sasl_before_auth_text_version_24+_bytes",
        ],
        .truncated: [
            "incomplete_header",
            "incomplete_body",
            "keylen_without_bytes",
            "two_requests_and_a_half",
            "set_body_0x7fffffff",
            "set_body_0x80000000",
            "set_body_0xffffffff",
            "append_body_0xffffffff",
        ],
        .contradictoryLengths: [
            "keylen_greater_than_body",
            "key_plus_extras_greater_than_body",
            "bodylen_zero_with_key",
        ],
        .dataTypeSet: [
            "data_type_nonzero"
        ],
        .vbucketSet: [
            "vbucket_nonzero"
        ],
        .unnamedOpcode: [
            "unknown_set_vbucket_0x3d",
            "unknown_get_vbucket_0x3e",
            "unknown_del_vbucket_0x3f",
            "unknown_tap_connect_0x40",
            "unknown_unassigned_0x1f",
            "unknown_unassigned_0x25",
            "unknown_unassigned_0xf0",
            "unknown_unassigned_0xff",
            "unknown_with_value_only_then_noop",
            "unknown_with_extras_then_noops",
            "unknown_with_key_then_noops",
            "unknown_with_key5_then_noops",
            "unknown_body_0xffffffff",
            "sasl_before_auth_unknown_0x50",
        ],
        .wrongExtras: [
            "stat_with_extras",
            "flush_bad_extras_8",
            "get_with_extras",
            "set_without_extras",
            "set_extras_4",
            "set_extras_12",
            "delete_with_extras",
            "incr_extras_8",
            "append_with_extras",
            "touch_no_extras",
            "extras_255",
        ],
        .keyMissing: [
            "range_rget_0x30",
            "range_rset_0x31",
            "range_rsetq_0x32",
            "range_rappend_0x33",
            "range_rappendq_0x34",
            "range_rprepend_0x35",
            "range_rprependq_0x36",
            "range_rdelete_0x37",
            "range_rdeleteq_0x38",
            "range_rincr_0x39",
            "range_rincrq_0x3a",
            "range_rdecr_0x3b",
            "range_rdecrq_0x3c",
            "zero_length_key_get",
            "zero_length_key_getq",
            "zero_length_key_set",
            "zero_length_key_delete",
            "zero_length_key_incr",
            "zero_length_key_append",
            "zero_length_key_touch",
            "close_after_error_with_pipelined",
            "sasl_before_auth_GET_zero_key",
        ],
        .keyNotAllowed: [
            "flush_with_key",
            "noop_with_key",
            "version_with_key",
            "quit_with_key",
        ],
        .keyTooLong: [
            "key_251_get",
            "key_251_set",
            "key_251_setq",
            "key_251_stat",
            "key_65535_get",
            "sasl_before_auth_key_251",
        ],
        .valueNotAllowed: [
            "get_with_value",
            "delete_with_value",
            "incr_with_value",
            "touch_with_value",
            "gat_with_value_then_noop",
            "noop_with_body",
            "stat_with_value",
        ],
    ]

    /// The reasons under which a row is listed: none for a row that can be expressed, never more than one.
    static func reasons(forRow name: String) -> [Inexpressible] {
        Inexpressible.allCases.filter { names[$0, default: []].contains(name) }
    }
}
