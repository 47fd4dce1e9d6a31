"""All rules, in the order in which they run.

The upgrade to 3.1 comes first, so that every other rule and every overlay knows one vocabulary; names
come last, because they are made from the final shapes.
"""

from typing import Final

from normalizer.rule import Rule
from normalizer.rules import (
    allof_wrapper,
    array_items,
    base_path,
    binary_format,
    component_case,
    component_sections,
    cookie_parameter,
    discriminator_mapping,
    discriminator_orphan,
    enum_type,
    exclusive_bounds,
    format_type,
    hoist,
    integer_fraction,
    jwt_body,
    media_type_schema,
    nullable,
    object_type,
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
    reference_siblings,
    response_description,
    schema_example,
    security_scheme,
    security_scopes,
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
    parameter_schema.RULE,
    cookie_parameter.RULE,
    websocket_operation.RULE,
    base_path.RULE,
)

AFTER_OVERLAYS: Final[tuple[Rule, ...]] = (
    # content
    media_type_schema.RULE,
    jwt_body.RULE,
    # schemas
    format_type.RULE,
    enum_type.RULE,
    properties_misplaced.RULE,
    object_type.RULE,
    allof_wrapper.RULE,
    array_items.RULE,
    integer_fraction.RULE,
    discriminator_orphan.RULE,
    # names
    component_case.RULE,
    operation_id.RULE,
    hoist.RULE,
    discriminator_mapping.RULE,
)

RULES: Final = BEFORE_OVERLAYS + AFTER_OVERLAYS
