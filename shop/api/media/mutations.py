"""How pictures come: files of a multipart request, by members of staff."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Annotated

import strawberry

from shop.accounts.actions import set_avatar
from shop.accounts.flows import show_with
from shop.api.accounts.payloads import UserPayload
from shop.api.core.context import Context, Info
from shop.api.core.fields import computed
from shop.api.core.mutation import flow, mutation
from shop.api.core.payloads import DomainError, Payload
from shop.api.core.permissions import require_staff
from shop.api.core.scalars import Upload
from shop.api.media.types import File
from shop.media.errors import NotAnImage
from shop.media.flows import store
from shop.media.rules import media_url


@strawberry.enum(description="What is wrong with a file.")
class UploadErrorCode(Enum):
    GRAPHQL_ERROR = "graphql_error"
    INVALID_FILE_TYPE = "invalid_file_type"
    UNSUPPORTED_MIME_TYPE = "unsupported_mime_type"


@strawberry.type(description="An expected error of a file that was sent.")
class UploadError(DomainError):
    code: UploadErrorCode = strawberry.field(description="What is wrong, for programs.")


@strawberry.type(description="A file that was stored.")
class FileUpload(Payload):
    errors: list[UploadError] = strawberry.field(default_factory=list, description="Expected errors.")
    uploaded_file: File | None = strawberry.field(
        default=None, description="The file. Its address is for blocks of pages and for attributes of the kind FILE."
    )

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def upload_errors(self) -> list[UploadError]:
        return self.errors


@strawberry.type(description="The member of staff with another picture.")
class UserAvatarUpdate(UserPayload):
    pass


@strawberry.type(description="The member of staff without a picture.")
class UserAvatarDelete(UserPayload):
    pass


@strawberry.type
class MediaMutations:
    """Mutations that bring or take away files."""

    @flow(
        description="Stores a picture: PNG, JPEG, WebP, AVIF or GIF, told by its content and not by its name. The same "
        "picture again has the same address. Sent as a multipart request; needs a member of staff."
    )
    async def file_upload(
        self, info: Info, file: Annotated[Upload, strawberry.argument(description="The file.")]
    ) -> FileUpload | None:
        context = info.context
        require_staff(context)
        with _about("file", "UNSUPPORTED_MIME_TYPE"):
            asset = await store(context.units, file.content, file.filename, folder=context.settings.media_path)
        return FileUpload(
            uploaded_file=File(url=context.base_url + media_url(asset.path), content_type=asset.mime_type)
        )

    @flow(
        description="Shows the caller, a member of staff, with another picture: beside their answers to comments, say. "
        "Sent as a multipart request."
    )
    async def user_avatar_update(
        self, info: Info, image: Annotated[Upload, strawberry.argument(description="The picture.")]
    ) -> UserAvatarUpdate | None:
        context = info.context
        email = _staff_email(context)
        with _about("image"):
            await show_with(context.units, email, image.content, image.filename, folder=context.settings.media_path)
        return UserAvatarUpdate(user_key=context.caller.user_id)

    @mutation(description="Shows the caller, a member of staff, without a picture. The file is kept.")
    async def user_avatar_delete(self, info: Info) -> UserAvatarDelete | None:
        context = info.context
        await set_avatar(context.session, email=_staff_email(context), asset_id=None)
        return UserAvatarDelete(user_key=context.caller.user_id)


@contextmanager
def _about(field: str, code: str = "INVALID") -> Iterator[None]:
    """What is wrong with a picture is told of that field, with that code."""
    try:
        yield
    except NotAnImage as error:
        raise NotAnImage(error.message, field=field, code=code) from error


def _staff_email(context: Context) -> str:
    require_staff(context)
    assert context.caller.email is not None, "a member of staff has one"
    return context.caller.email
