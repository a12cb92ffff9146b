#include "cli/doctor/s3_probes.h"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>

#include "cli/doctor/permission_probe.h"

namespace seshat::cli::doctor {
namespace {

// Nothing ever lies there: no session id starts with a '.'.
constexpr std::string_view kProbeName = ".seshat-doctor/probe";
// No server gave it out.
constexpr std::string_view kNoUpload = "seshat-doctor-no-such-upload";

// The headers that ask S3 to encrypt.
using Encryption = http::HeaderList;

Encryption EncryptionOf(const composition::Config& config) {
  const std::string& sse = config.Text("store.sse");
  if (sse == "none") return {};
  Encryption headers{{"x-amz-server-side-encryption", sse == "kms" ? "aws:kms" : "AES256"}};
  if (const std::string& key = config.Text("store.kms_key"); sse == "kms" && !key.empty())
    headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", key);
  return headers;
}

class StoreProber {
 public:
  StoreProber(composition::AwsAccess& aws, http::Sender& sender, aws::BucketEndpoint bucket,
              const composition::S3Place& place)
      : aws_(aws), sender_(sender), bucket_(std::move(bucket)), place_(place) {
    const std::string below = place.prefix.empty() ? "" : place.prefix + "/";
    key_ = below + std::string(kProbeName);
    const std::string_view partition = aws::PartitionOf(aws.region()).id;
    bucket_arn_ = fmt::format("arn:{}:s3:::{}", partition, place.bucket);
    objects_arn_ = fmt::format("{}/{}*", bucket_arn_, below);
  }

  // Of the writer. An upload is begun and given up at once, which leaves nothing; where it could not be given up, none is
  // begun, and a part of an upload that does not exist is sent instead.
  Findings Write(const Encryption& encryption) {
    const std::string upload = fmt::format("uploadId={}", kNoUpload);
    Findings findings{RunProbe(sender_,
                               {.action = "s3:ListMultipartUploadParts",
                                .resource = objects_arn_,
                                .request = Object("GET", upload),
                                .allowed = {"NoSuchUpload"},
                                .server = &server_},
                               aws_.region())};
    if (!IsAboutPermission(findings.back())) return findings;
    findings.push_back(Run("s3:AbortMultipartUpload", objects_arn_, Object("DELETE", upload), {"NoSuchUpload"}));
    if (findings.back().verdict == Verdict::kOk) {
      findings.push_back(BeginAndGiveUp(encryption));
    } else {
      findings.push_back(Run("s3:PutObject", objects_arn_, Object("PUT", "partNumber=1&" + upload), {"NoSuchUpload"}));
    }
    return findings;
  }

  const std::string& server() const { return server_; }

  Finding List() {
    http::Request request = Object("GET", "list-type=2&max-keys=1&prefix=" + aws::UriEncode(place_.prefix));
    request.path = bucket_.PathOf("");
    return Run("s3:ListBucket", bucket_arn_, std::move(request), {});
  }

  Finding Get() { return Run("s3:GetObject", objects_arn_, Object("GET", ""), {"NoSuchKey"}); }

  Finding Restore() {
    http::Request request = Object("POST", "restore=");
    request.body = http::Body::Of(
        "<RestoreRequest xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Days>1</Days></RestoreRequest>");
    return Run("s3:RestoreObject", objects_arn_, std::move(request), {"NoSuchKey"});
  }

 private:
  Finding BeginAndGiveUp(const Encryption& encryption) {
    http::Request request = Object("POST", "uploads=");
    request.headers = encryption;
    std::string answer;
    Finding finding = RunProbe(sender_, {"s3:PutObject", objects_arn_, std::move(request), {}, &answer}, aws_.region());
    if (finding.verdict != Verdict::kOk) return finding;
    pugi::xml_document document;
    (void)document.load_buffer(answer.data(), answer.size());
    const std::string id = document.document_element().child_value("UploadId");
    const Finding given_up =
        Run("s3:AbortMultipartUpload", objects_arn_, Object("DELETE", "uploadId=" + aws::UriEncode(id)), {});
    if (given_up.verdict == Verdict::kOk) return finding;
    return {"s3:PutObject", Verdict::kWarning,
            fmt::format("allowed, but the upload begun to find out could not be given up: {}", given_up.detail),
            "a lifecycle rule that ends stale uploads removes it: seshat aws init makes one"};
  }

  http::Request Object(std::string method, std::string query) const {
    return {
        .method = std::move(method), .origin = bucket_.origin, .path = bucket_.PathOf(key_), .query = std::move(query)};
  }
  Finding Run(std::string action, const std::string& resource, http::Request request,
              std::vector<std::string_view> allowed) {
    return RunProbe(sender_, {std::move(action), resource, std::move(request), std::move(allowed)}, aws_.region());
  }

  composition::AwsAccess& aws_;
  http::Sender& sender_;
  aws::BucketEndpoint bucket_;
  const composition::S3Place& place_;
  std::string key_;
  std::string bucket_arn_;
  std::string objects_arn_;
  std::string server_;  // as it calls itself
};

// Without s3:ListBucket a service answers 403 for what is not there, whoever asks.
Finding KnownOnlyWithList(Finding finding, bool lists) {
  if (lists || finding.verdict != Verdict::kProblem || !IsAboutPermission(finding)) return finding;
  return {finding.check, Verdict::kWarning, "cannot be told before s3:ListBucket is allowed", ""};
}

Status Probe(const composition::Config& config, composition::AwsAccess& aws, const std::set<Duty>& duties,
             Findings& findings) {
  SESHAT_ASSIGN(const composition::AdapterUrl url, composition::ParseAdapterUrl(config.Text("store.url")));
  SESHAT_ASSIGN(const composition::S3Place place, composition::ParseS3Place(url.rest));
  SESHAT_ASSIGN(aws::BucketEndpoint bucket, aws::ResolveBucket(place.bucket, aws.endpoints()));
  SESHAT_ASSIGN(const auto service, aws.Service("s3"));
  const auto sender = service->MakeSender();
  StoreProber prober(aws, *sender, std::move(bucket), place);
  const bool reads = duties.contains(Duty::kProcess) || duties.contains(Duty::kIndex) || duties.contains(Duty::kUser);
  // True where the next probe makes sense.
  const auto add = [&](Finding finding) {
    findings.push_back(std::move(finding));
    return IsAboutPermission(findings.back());
  };
  if (duties.contains(Duty::kAgent) || duties.contains(Duty::kProcess)) {
    for (Finding& finding : prober.Write(EncryptionOf(config)))
      if (!add(std::move(finding))) return {};
    if (auto finding = SimultaneousPuts(prober.server())) add(*std::move(finding));
  }
  if (!reads) return {};
  if (!add(prober.List())) return {};
  const bool lists = findings.back().verdict == Verdict::kOk;
  if (!add(KnownOnlyWithList(prober.Get(), lists))) return {};
  if (duties.contains(Duty::kUser) && aws.at_aws("s3")) add(KnownOnlyWithList(prober.Restore(), lists));
  return {};
}

}  // namespace

std::optional<Finding> SimultaneousPuts(std::string_view server) {
  std::string name(server);
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  if (!name.contains("versitygw")) return std::nullopt;
  return Finding{"simultaneous puts", Verdict::kWarning,
                 "versitygw (1.7.0, and perhaps later) looks whether a key is taken and then writes: of two sources "
                 "that store a session of the same name at the same moment both may believe to have won",
                 "let no two sources give out the same session id"};
}

void ProbeStore(const composition::Config& config, composition::AwsAccess& aws, const std::set<Duty>& duties,
                Findings& findings) {
  if (auto probed = Probe(config, aws, duties, findings); !probed)
    findings.push_back(ProblemOf("store", probed.error()));
}

}  // namespace seshat::cli::doctor
