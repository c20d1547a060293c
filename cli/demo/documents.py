"""The GraphQL documents of the demo, as any client of the API would write them."""

_ERRORS = "userErrors { code message field }"
_PROGRESS = "kind status phase done total message error creditsSpent"

SIGN_UP = f"""
mutation SignUp($input: SignUpInput!) {{
  signUp(input: $input) {{ accessToken viewer {{ user {{ id email }} account {{ id name }} }} {_ERRORS} }}
}}"""

INDUSTRIES = "query Industries { industries { id name sectors { id name } } }"

CREATE_SITE = f"""
mutation CreateSite($input: CreateSiteInput!) {{ createSite(input: $input) {{ site {{ id }} {_ERRORS} }} }}"""

CREATE_SECTOR = f"""
mutation CreateSector($input: CreateSectorInput!) {{ createSector(input: $input) {{ sector {{ id }} {_ERRORS} }} }}"""

IMPORT_KEYWORDS = f"""
mutation ImportKeywords($input: ImportKeywordsInput!) {{
  importKeywords(input: $input) {{
    format imported updated skipped rejected rows {{ line reason }} job {{ id }} {_ERRORS}
  }}
}}"""

CLUSTER_KEYWORDS = f"""
mutation ClusterKeywords($input: ClusterKeywordsInput!) {{
  clusterKeywords(input: $input) {{ job {{ id }} {_ERRORS} }}
}}"""

GENERATE_IDEAS = f"""
mutation GenerateIdeas($input: GenerateIdeasInput!) {{ generateIdeas(input: $input) {{ job {{ id }} {_ERRORS} }} }}"""

CREATE_TASKS = f"""
mutation CreateTasksFromIdeas($input: CreateTasksFromIdeasInput!) {{
  createTasksFromIdeas(input: $input) {{ tasks {{ id title }} {_ERRORS} }}
}}"""

GENERATE_CONTENT = f"""
mutation GenerateContent($input: GenerateContentInput!) {{
  generateContent(input: $input) {{ job {{ id }} {_ERRORS} }}
}}"""

GENERATE_IMAGE_PROMPTS = f"""
mutation GenerateImagePrompts($input: GenerateImagePromptsInput!) {{
  generateImagePrompts(input: $input) {{ job {{ id }} {_ERRORS} }}
}}"""

GENERATE_IMAGES = f"""
mutation GenerateImages($input: GenerateImagesInput!) {{
  generateImages(input: $input) {{ job {{ id }} {_ERRORS} }}
}}"""

CREATE_INTEGRATION = f"""
mutation CreateIntegration($input: CreateIntegrationInput!) {{
  createIntegration(input: $input) {{ integration {{ id }} {_ERRORS} }}
}}"""

TEST_CONNECTION = f"""
mutation TestConnection($input: TestConnectionInput!) {{
  testConnection(input: $input) {{ job {{ id }} {_ERRORS} }}
}}"""

INTEGRATION = "query Integration($id: ID!) { integration(id: $id) { status error checks { stage isOk } } }"

APPROVE = f"""
mutation Approve($id: ID!) {{
  updateContent(id: $id, input: {{status: APPROVED}}) {{ content {{ id }} {_ERRORS} }}
}}"""

PUBLISH = f"""
mutation Publish($input: PublishContentInput!) {{ publishContent(input: $input) {{ job {{ id }} {_ERRORS} }} }}"""

PUBLICATIONS = """
query Publications($content: ID!) {
  content(id: $content) { publications(first: 5) { nodes { status slug url } } }
}"""

JOB_PROGRESS = f"subscription JobProgress($id: ID!) {{ jobProgress(id: $id) {{ {_PROGRESS} }} }}"

STRONGEST_CLUSTERS = """
query StrongestClusters($sector: ID!, $first: Int!) {
  sector(id: $sector) {
    clusters(first: $first, orderBy: [{field: VOLUME, direction: DESC}]) {
      totalCount
      nodes {
        id name keywordsCount volume
        keywords(first: 5, orderBy: [{field: VOLUME, direction: DESC}]) { nodes { keyword volume } }
        ideas(first: 10) { nodes { id ideaTitle } }
      }
    }
  }
}"""

ARTICLES = """
query Articles($sector: ID!, $first: Int!) {
  sector(id: $sector) {
    contents(first: $first) {
      nodes {
        id title wordCount origin htmlContent task { id }
        images(first: 10, orderBy: [{field: POSITION}]) { nodes { imageType status width height url altText } }
      }
    }
  }
}"""

FAILED_ITEMS = """
query FailedItems($job: ID!) {
  job(id: $job) { items(first: 5, filter: {status: {in: [FAILED]}}) { nodes { attempts error } } }
}"""

PREVIEW = "query Preview($content: ID!) { contentPreview(contentId: $content) { url expiresAt } }"

CREDITS = "query Credits { account { credits { balance held } } }"
