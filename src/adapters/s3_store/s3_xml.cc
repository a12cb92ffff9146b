#include "adapters/s3_store/s3_xml.h"

#include <fmt/format.h>

#include <cstring>
#include <pugixml.hpp>

#include "adapters/s3_store/object_info.h"
#include "core/base/text_parts.h"
#include "core/digest/crc64nvme.h"
#include "platform/aws/sigv4.h"

namespace seshat::s3_store {
namespace {

std::string_view LocalName(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

pugi::xml_node Child(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_node& child : node.children())
    if (LocalName(child) == name) return child;
  return {};
}

std::string_view Text(const pugi::xml_node& node, std::string_view name) { return Child(node, name).child_value(); }

// pugixml expands no entities of the document's own, follows no reference and recurses nowhere.
bool Load(pugi::xml_document& document, std::string_view text) {
  return static_cast<bool>(document.load_buffer(
      text.data(), text.size(), pugi::parse_default | pugi::parse_ws_pcdata_single, pugi::encoding_utf8));
}

std::unexpected<Error> NotThat(std::string_view what) {
  return Fail(ErrorCode::kDataLoss, fmt::format("the server's answer is no {}: is the endpoint an S3 service?", what));
}

Result<pugi::xml_node> Root(pugi::xml_document& document, std::string_view text, std::string_view name) {
  if (!Load(document, text) || LocalName(document.document_element()) != name) return NotThat(name);
  return document.document_element();
}

// A key in a listing that was asked for with encoding-type=url: as a form encodes it, '+' for a blank.
std::string Decoded(std::string_view text, bool encoded) {
  if (!encoded) return std::string(text);
  std::string spaced(text);
  for (char& c : spaced)
    if (c == '+') c = ' ';
  return aws::UriDecode(spaced);
}

// In a listing the restore state is an element, not a header.
std::string RestoreHeader(const pugi::xml_node& status) {
  if (!status) return {};
  if (Text(status, "IsRestoreInProgress") == "true") return "ongoing-request=\"true\"";
  return Text(status, "RestoreExpiryDate").empty() ? std::string() : "ongoing-request=\"false\"";
}

Result<BlobInfo> ObjectFrom(const pugi::xml_node& contents, bool encoded) {
  BlobInfo info{.key = Decoded(Text(contents, "Key"), encoded)};
  const auto size = ParseInteger<uint64_t>(Text(contents, "Size"));
  auto modified = ParseTimestamp(Text(contents, "LastModified"));
  if (info.key.empty() || !size || !modified) return NotThat("listing of objects");
  info.size = *size;
  info.modified_at = *modified;
  const std::string_view name = Text(contents, "StorageClass");
  info.storage_class = ClassFromS3(name);
  const pugi::xml_node restore = Child(contents, "RestoreStatus");
  info.archive_state = ColdStateFrom(name, RestoreHeader(restore)).state;
  if (auto until = ParseTimestamp(Text(restore, "RestoreExpiryDate")); until) info.restored_until = *until;
  return info;
}

}  // namespace

std::string CompleteText(std::span<const SentPart> parts) {
  pugi::xml_document document;
  auto root = document.append_child("CompleteMultipartUpload");
  root.append_attribute("xmlns") = "http://s3.amazonaws.com/doc/2006-03-01/";
  for (size_t i = 0; i < parts.size(); ++i) {
    auto part = root.append_child("Part");
    part.append_child("ChecksumCRC64NVME").text() = digest::Crc64NvmeBase64(parts[i].crc).c_str();
    part.append_child("ETag").text() = parts[i].etag.c_str();
    part.append_child("PartNumber").text() = static_cast<unsigned>(i + 1);
  }
  struct Writer : pugi::xml_writer {
    std::string text;
    void write(const void* data, size_t size) override { text.append(static_cast<const char*>(data), size); }
  } writer;
  document.save(writer, "", pugi::format_raw | pugi::format_no_declaration);
  return std::move(writer.text);
}

std::string RestoreText(const RestoreOptions& options) {
  return fmt::format(
      "<RestoreRequest xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Days>{}</Days><GlacierJobParameters>"
      "<Tier>{}</Tier></GlacierJobParameters></RestoreRequest>",
      options.days, options.tier == RestoreTier::kBulk ? "Bulk" : "Standard");
}

Result<std::string> ReadUploadId(std::string_view text) {
  pugi::xml_document document;
  SESHAT_ASSIGN(const auto root, Root(document, text, "InitiateMultipartUploadResult"));
  std::string id(Text(root, "UploadId"));
  if (id.empty()) return NotThat("upload id");
  return id;
}

Result<CompleteAnswer> ReadComplete(std::string_view text) {
  pugi::xml_document document;
  if (!Load(document, text)) return NotThat("CompleteMultipartUploadResult");
  const std::string_view name = LocalName(document.document_element());
  if (name == "Error") return CompleteAnswer{.failed = true};
  // Amazon says the first, moto the second.
  if (name != "CompleteMultipartUploadResult" && name != "CompleteMultipartUploadResponse")
    return NotThat("CompleteMultipartUploadResult");
  return CompleteAnswer{.crc64nvme = std::string(Text(document.document_element(), "ChecksumCRC64NVME"))};
}

Result<PartPage> ReadParts(std::string_view text) {
  pugi::xml_document document;
  if (!Load(document, text)) return NotThat("list of parts");
  const auto root = document.document_element();
  // Amazon says the first, moto the second.
  if (LocalName(root) != "ListPartsResult" && LocalName(root) != "ListPartsResponse") return NotThat("list of parts");
  PartPage page{.truncated = Text(root, "IsTruncated") == "true"};
  for (const pugi::xml_node& node : root.children()) {
    if (LocalName(node) != "Part") continue;
    const auto number = ParseInteger<uint64_t>(Text(node, "PartNumber"));
    const auto size = ParseInteger<uint64_t>(Text(node, "Size"));
    if (!number || *number == 0 || *number > 10'000 || !size) return NotThat("list of parts");
    page.parts.push_back({.number = static_cast<uint32_t>(*number),
                          .size = *size,
                          .etag = std::string(Text(node, "ETag")),
                          .crc64nvme = std::string(Text(node, "ChecksumCRC64NVME"))});
  }
  // The last number is as good as NextPartNumberMarker, which some servers leave out.
  if (!page.parts.empty()) page.next_marker = page.parts.back().number;
  if (page.truncated && page.parts.empty()) return NotThat("list of parts");
  return page;
}

Result<ObjectPage> ReadObjects(std::string_view text) {
  pugi::xml_document document;
  SESHAT_ASSIGN(const auto root, Root(document, text, "ListBucketResult"));
  ObjectPage page{.truncated = Text(root, "IsTruncated") == "true"};
  const bool encoded = Text(root, "EncodingType") == "url";
  for (const pugi::xml_node& node : root.children()) {
    if (LocalName(node) == "Contents") {
      SESHAT_ASSIGN(BlobInfo info, ObjectFrom(node, encoded));
      page.objects.push_back(std::move(info));
    } else if (LocalName(node) == "CommonPrefixes") {
      page.folders.push_back(Decoded(Text(node, "Prefix"), encoded));
      if (page.folders.back().empty()) return NotThat("listing of objects");
    }
  }
  return page;
}

}  // namespace seshat::s3_store
