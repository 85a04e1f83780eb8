"""What the forms accept: a wrong connection is named before a run does anything."""

import pytest
from pydantic import ValidationError

from flows.master_data import MasterDataRequest
from flows.order_intake import IntakeRequest


@pytest.mark.parametrize("form", [IntakeRequest, MasterDataRequest])
def test_a_form_takes_no_erp_for_a_shop_and_no_shop_for_an_erp(form: type[IntakeRequest | MasterDataRequest]) -> None:
    fields = {"source" if "source" in form.model_fields else "shop": "tryton-erp/main", "erp": "smartstore-shop/berlin"}
    with pytest.raises(ValidationError) as refused:
        form.model_validate(fields)
    assert {error["loc"][0] for error in refused.value.errors()} == set(fields)


def test_the_forms_take_what_they_offer() -> None:
    assert IntakeRequest.model_validate(IntakeRequest().model_dump()) == IntakeRequest()
    assert MasterDataRequest.model_validate(MasterDataRequest().model_dump()) == MasterDataRequest()
