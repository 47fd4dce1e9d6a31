"""All rules, in the order in which they run.

The upgrade to 3.1 comes first, so that every other rule and every overlay knows one vocabulary; names
come last, because they are made from the final shapes.
"""

from typing import Final

from normalizer.rule import Rule
from normalizer.rules import (
    allof_wrapper,
    array_items,
    authorization_header,
    base_path,
    binary_format,
    component_case,
    component_sections,
    cookie_parameter,
    discriminator_mapping,
    discriminator_orphan,
    disguised_map,
    enum_type,
    error_response,
    example_bound,
    example_list,
    example_map,
    exclusive_bounds,
    format_type,
    hoist,
    idempotency,
    jwt_body,
    media_type_schema,
    multiple_of_fraction,
    null_members,
    nullable,
    object_type,
    open_enum,
    openapi_version,
    operation_id,
    parameter_schema,
    path_parameter_case,
    path_parameter_missing,
    path_parameter_required,
    path_parameter_sole,
    path_parameter_stray,
    path_prefix,
    placeholder_spelling,
    properties_misplaced,
    property_case,
    query_object,
    reference_siblings,
    required_declared,
    response_description,
    schema_example,
    security_requirement,
    security_scheme,
    security_scopes,
    seen_absence,
    seen_enum_value,
    seen_fraction,
    seen_kind,
    seen_null,
    seen_property,
    seen_scalar,
    seen_shape,
    seen_width,
    sentinel_text,
    session_tier,
    union_any_of,
    union_discrimination,
    union_subsumed,
    untyped_schema,
    uri_reference,
    websocket_operation,
)

BEFORE_OVERLAYS: Final[tuple[Rule, ...]] = (
    # 3.0 to 3.1
    reference_siblings.RULE,
    nullable.RULE,
    exclusive_bounds.RULE,
    schema_example.RULE,
    binary_format.RULE,
    openapi_version.RULE,
    # document
    component_sections.RULE,
    security_scopes.RULE,
    security_scheme.RULE,
    response_description.RULE,
    # paths and parameters
    path_prefix.RULE,
    placeholder_spelling.RULE,
    path_parameter_case.RULE,
    path_parameter_sole.RULE,
    path_parameter_stray.RULE,
    path_parameter_missing.RULE,
    path_parameter_required.RULE,
    query_object.RULE,
    parameter_schema.RULE,
    authorization_header.RULE,
    cookie_parameter.RULE,
    websocket_operation.RULE,
)

SHAPES: Final[tuple[Rule, ...]] = (
    # operations
    base_path.RULE,
    security_requirement.RULE,
    session_tier.RULE,
    idempotency.RULE,
    # content
    example_map.RULE,
    media_type_schema.RULE,
    jwt_body.RULE,
    error_response.RULE,
    # schemas
    format_type.RULE,
    enum_type.RULE,
    properties_misplaced.RULE,
    object_type.RULE,
    allof_wrapper.RULE,
    multiple_of_fraction.RULE,
    uri_reference.RULE,
    required_declared.RULE,
    disguised_map.RULE,
    property_case.RULE,
    array_items.RULE,
    discriminator_orphan.RULE,
    # unions
    union_subsumed.RULE,
    union_any_of.RULE,
    # evidence: what the examples show
    sentinel_text.RULE,
    example_list.RULE,
    example_bound.RULE,
    seen_shape.RULE,
    seen_scalar.RULE,
    seen_fraction.RULE,
    seen_width.RULE,
    seen_enum_value.RULE,
    seen_absence.RULE,
    seen_kind.RULE,
    seen_null.RULE,
    seen_property.RULE,
)

FINAL: Final[tuple[Rule, ...]] = (
    untyped_schema.RULE,
    # tolerance
    null_members.RULE,
    open_enum.RULE,
    # names
    component_case.RULE,
    operation_id.RULE,
    hoist.RULE,
    discriminator_mapping.RULE,
    union_discrimination.RULE,
)

LEARNABLE: Final[tuple[Rule, ...]] = (
    disguised_map.RULE,
    property_case.RULE,
    seen_shape.RULE,
    seen_scalar.RULE,
    seen_fraction.RULE,
    seen_width.RULE,
    seen_enum_value.RULE,
    seen_absence.RULE,
    seen_kind.RULE,
    seen_null.RULE,
    seen_property.RULE,
)
"""What recorded answers can teach: the same repairs with more evidence."""

RULES: Final = BEFORE_OVERLAYS + SHAPES + FINAL
